"""Prefect's server behind our own check of where a request comes from; decision 17 says why it is needed."""
