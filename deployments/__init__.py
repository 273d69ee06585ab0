"""How Rightsflow runs: the command line, the server and worker on one machine."""
