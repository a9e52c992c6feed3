"""The connections under the client, over real sockets and real TLS."""
