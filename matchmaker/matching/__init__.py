"""Which interests suit a proposal, and why. Pure: knows no framework, no database and no person."""
