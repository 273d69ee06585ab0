"""Output to Prefect for display or sending: artifacts and events, without personal data."""
