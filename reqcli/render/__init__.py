"""A result becomes text; nothing here knows how the result came about."""
