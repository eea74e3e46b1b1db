"""The interests pages."""
