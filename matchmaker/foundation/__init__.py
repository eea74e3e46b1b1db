"""What every package stands on; knows no domain word."""
