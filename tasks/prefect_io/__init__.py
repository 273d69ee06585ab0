"""What Prefect is given to show or to send: artifacts and events, without personal data."""
