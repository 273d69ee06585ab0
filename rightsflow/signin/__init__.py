"""People who sign in: invited, known by password and code, with the roles of the configuration. No HTTP."""
