"""The configuration file, the environment, and references to secrets."""
