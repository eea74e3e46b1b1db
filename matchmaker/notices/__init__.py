"""Messages to people, queued in the same transaction as their cause and delivered apart."""
