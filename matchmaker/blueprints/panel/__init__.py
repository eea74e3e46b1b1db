"""The panel: what judges read and score, what the office gives them, and the day of presentations."""
