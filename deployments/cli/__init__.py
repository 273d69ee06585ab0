"""The command line ``rightsflow``."""
