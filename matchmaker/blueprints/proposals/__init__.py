"""The proposals pages."""
