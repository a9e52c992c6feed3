"""Foreign formats, judged by the programs that they are of."""
