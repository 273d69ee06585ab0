"""Everything on one machine: the Prefect server, the worker, and what happens when one of them dies."""
