"""The history of the proposal scheme."""
