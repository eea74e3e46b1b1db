"""People who sign in: their memberships and roles, sessions, one-time links and the throttle."""
