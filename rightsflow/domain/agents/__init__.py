"""Requests of authorised agents over the Data Rights Protocol 1.0: their messages, where they stand, what is said."""
