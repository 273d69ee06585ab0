"""The flows: what is done with a request, in which order and where a person decides."""
