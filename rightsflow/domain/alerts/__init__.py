"""The deadline watch: alerts due for a case, and the time of its next check. Pure."""
