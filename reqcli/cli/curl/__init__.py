"""Between the two command lines: what a curl call is in words of reqcli, and what a request is in curl's."""
