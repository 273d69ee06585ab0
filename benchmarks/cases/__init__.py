"""What it costs to answer requests: the whole stack with three systems, against the bare orchestrator."""
