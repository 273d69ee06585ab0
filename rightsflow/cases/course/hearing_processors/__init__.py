"""Answers of processors, however they come: recorded by a person, by a link, or over OpenDSR."""
