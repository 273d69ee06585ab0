"""Processors' answers to instructions: recorded by a person, by one-time link, or over OpenDSR."""
