"""Two installations on one machine, each with a database, a Prefect server and sandbox systems of its own."""
