"""Bodies on their way: downloads into files, bars on a terminal, and what is said when all has come."""
