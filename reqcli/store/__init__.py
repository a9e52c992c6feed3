"""Where session states live: one file is one kind of store."""
