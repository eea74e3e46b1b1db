"""The calls, their themes and the published criteria."""
