"""The projects pages."""
