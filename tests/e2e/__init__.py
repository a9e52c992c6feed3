"""The installed program, run as its users run it: processes, pipes, files, real servers."""
