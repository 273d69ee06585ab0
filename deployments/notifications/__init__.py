"""Delivery of alerts to people: the block that mails, and the automations on the Prefect server that use it."""
