"""Everything that can be done to a case, without Prefect and without HTTP."""
