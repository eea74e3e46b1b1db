"""Stored files: what may be stored, how it is named, how it is handed out."""
