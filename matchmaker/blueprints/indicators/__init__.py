"""The indicators pages."""
