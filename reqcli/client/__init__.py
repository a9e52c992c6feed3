"""The onion around one exchange: authentication, redirects, decoding."""
