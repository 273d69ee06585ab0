"""The entry points for installers: the command line, the types that Prefect loads, and our modules as processes.

It is the one room of ``rightsflow`` that knows of the packages above it, and it knows them by name alone, at run time.
"""
