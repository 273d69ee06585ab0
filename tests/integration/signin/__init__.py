"""Signing in, with a real store and the real libraries."""
