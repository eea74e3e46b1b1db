"""Permission words, roles, and which role may do what. Pure."""
