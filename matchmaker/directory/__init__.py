"""Organisations, divisions and municipalities, and the words for places."""
