"""Requests of authorised agents over the Data Rights Protocol: taken as cases, read, revoked, and told of."""
