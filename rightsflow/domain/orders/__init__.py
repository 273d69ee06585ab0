"""What controllers order of us, their processor: read from their requests, and answered by a certificate. Pure."""
