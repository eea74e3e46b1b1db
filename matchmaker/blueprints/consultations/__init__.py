"""Consultations before a call."""
