"""An embedded server and the story of a session told with the real commands."""
