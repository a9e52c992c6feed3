"""What is done with stored sessions without a request: the work of the `session` commands."""
