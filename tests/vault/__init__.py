"""Where secret values come from: real files, with real modes."""
