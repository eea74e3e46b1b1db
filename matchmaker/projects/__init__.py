"""Collaborations that began."""
