"""The commands as Click has them: one file is one command or group, and `declared` and `many` what several share."""
