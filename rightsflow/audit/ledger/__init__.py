"""The ledger: append-only entries, chained by hashes, that prove who did what when and with which outcome.

Pure: what an entry is, how entries are linked, and what is wrong with a chain of them. Where they lie is the case
store's matter (:mod:`rightsflow.store.core.case_ledger`).
"""

from rightsflow.audit.ledger.chain import GENESIS, START, Entry, Head, Link, link, read_entry
from rightsflow.audit.ledger.checking import Fault, FaultKind, check_chain

__all__ = [
    "GENESIS",
    "START",
    "Entry",
    "Fault",
    "FaultKind",
    "Head",
    "Link",
    "check_chain",
    "link",
    "read_entry",
]
