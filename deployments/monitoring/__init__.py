"""Watching the system: structured logs, figures for Prometheus, an example dashboard and alert rules."""
