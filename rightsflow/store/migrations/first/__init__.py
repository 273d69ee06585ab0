"""The parts of the first migration."""
