"""Processors and further recipients: what they are asked, what they answer, and what that proves. Pure."""
