"""curl's command line: written for a request, and read into what it asks for."""
