"""What a shell asks when TAB is pressed: the answer, what it is made of, and the scripts that ask."""
