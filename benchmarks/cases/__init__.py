"""The cost of answering requests: the whole stack with three systems, against the bare orchestrator."""
