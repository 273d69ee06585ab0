"""The commands: a module for each group of them, registered in ``deployments.cli.main``."""
