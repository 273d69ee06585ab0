"""Identity checked by a code to an address that a system had on file before the request."""
