"""Whole journeys in a real browser against the server that ``make run`` starts."""
