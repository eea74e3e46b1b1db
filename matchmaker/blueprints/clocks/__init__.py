"""The pages of the promised response times."""
