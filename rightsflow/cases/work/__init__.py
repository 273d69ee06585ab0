"""The work on a case's records: searching, copies, erasure, correction, processors, purging. Imports the facts only."""
