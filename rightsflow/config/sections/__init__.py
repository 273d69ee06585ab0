"""The sections of ``rightsflow.toml``, each validated as a whole with messages that name the key."""
