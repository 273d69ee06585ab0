"""The peer that a case is compared with: Fides, as it comes, on the same three databases and in the same run."""
