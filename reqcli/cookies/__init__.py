"""Cookies by RFC 6265bis: how a Set-Cookie line becomes a stored cookie, and which cookies a request carries."""
