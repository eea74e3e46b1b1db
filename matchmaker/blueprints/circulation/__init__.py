"""The circulation pages: the office asks, divisions answer."""
