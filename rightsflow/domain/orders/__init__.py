"""Controllers' orders to us as their processor: read from their requests, and answered by a certificate. Pure."""
