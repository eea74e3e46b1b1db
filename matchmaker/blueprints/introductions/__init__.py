"""The introductions pages."""
