"""The 21403 process from submission to the released decision."""
