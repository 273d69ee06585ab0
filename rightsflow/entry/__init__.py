"""What an installer calls: the command line, the types that Prefect loads, and our modules as processes of their own.

It is the one room of ``rightsflow`` that knows of the packages above it, and it knows them by name alone, at run time.
"""
