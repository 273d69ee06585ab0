"""What answers other programs whether an address is on the suppression list."""
