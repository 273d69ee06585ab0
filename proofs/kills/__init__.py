"""The kill matrix: a worker is stopped with SIGKILL everywhere, its work is begun again, and the end is compared.

``python -m proofs.kills`` runs the whole of it and prints a table. A run is one case that a worker answers, against
peers that speak the vendors' APIs on this machine. It is killed at one point, begun again once, and has to end as a run
that no one disturbed: nothing may be missing, and nothing be there or have been asked for twice.
"""
