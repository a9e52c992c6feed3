"""The command line: the only room that knows Click, the environment and the standard streams."""
