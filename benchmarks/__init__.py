import tests  # noqa: F401 - its variables, such as short waits between attempts, are read while modules are imported
