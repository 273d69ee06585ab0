"""Rightsflow's domain: what the law says and what a case remembers.

No Prefect and no HTTP in here. The pure modules (identifiers, records, attribution, plan, retention, clock) do no
I/O and never ask what time it is; the edges (store, vault, disclosure, letters, settings) do.
"""
