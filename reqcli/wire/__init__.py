"""Protocols without IO: bytes in, events out, and the other way."""
