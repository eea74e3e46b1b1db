"""What NPOs ask others to join: drafts, needs, versions, and the proposals of earlier years."""
