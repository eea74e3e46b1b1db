"""The web edge of the open data and its read-only interface."""
