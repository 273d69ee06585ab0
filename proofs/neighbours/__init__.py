"""Random neighbours: people drawn by a seed share what can be shared; some are erased, and the others stay."""
