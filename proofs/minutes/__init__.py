"""Minutes of people's time that ten fixed cases take at the desk, walked in a browser, by a published model."""
