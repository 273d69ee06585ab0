"""The domain, pure: what the law says and what a case is. Nothing here reads a file, a clock or a server."""
