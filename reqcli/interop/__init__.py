"""Foreign formats: one file is one format, read into plain values and written from them; nothing here does any IO."""
