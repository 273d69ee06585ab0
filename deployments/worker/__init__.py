"""A worker that stays: it executes flow runs in its own process, and is woken by events."""
