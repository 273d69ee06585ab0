"""One case, or all open cases, at a glance."""
