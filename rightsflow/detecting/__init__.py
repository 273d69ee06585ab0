"""Finding requests of data subjects in texts that people wrote for other reasons."""
