"""The kinds of places that secrets are fetched from."""
