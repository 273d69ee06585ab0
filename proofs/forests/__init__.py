"""Random forests of records on real databases: nothing of another person's is ever given or destroyed."""
