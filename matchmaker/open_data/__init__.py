"""What is given to everybody as data: a closed list of fields, one definition for every format."""
