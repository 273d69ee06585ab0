"""Rectification: what is decided on each item, and what people do of it by hand."""
