"""Connections: streams, dialling, one exchange on a connection, the pool."""
