"""A pair of proposal and interest, why it fits, and what both sides answered."""
