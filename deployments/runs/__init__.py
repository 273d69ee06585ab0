"""The upkeep beside the workers: runs that were cut short, and cases that wait for their run."""
