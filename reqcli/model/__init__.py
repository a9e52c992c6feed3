"""The values that flow through the program: immutable, pure, and known to every other room."""
