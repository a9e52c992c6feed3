"""What was probably meant by words that cannot be understood; loaded when something is to be explained."""
