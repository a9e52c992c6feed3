"""The onion, over real sockets."""
