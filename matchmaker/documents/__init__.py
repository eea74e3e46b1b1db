"""Records on paper: typeset as tagged PDF. Knows no domain word; what is printed comes in as plain values."""
