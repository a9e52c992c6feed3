"""What explains: the topics of `reqcli help`, and the examples that the help of each command ends with."""
