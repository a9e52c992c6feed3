"""Authentication schemes, each driven as the client drives it: a generator, no client and no socket."""
