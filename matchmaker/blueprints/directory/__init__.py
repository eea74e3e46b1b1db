"""The directory pages."""
