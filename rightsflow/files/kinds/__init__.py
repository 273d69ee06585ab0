"""Kinds of files: how the texts of each are read, masked and checked, in a child process of its own for each file."""
