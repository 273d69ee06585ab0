"""The common base of a case file's parts that read and change one case."""

from __future__ import annotations

from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.case.context import Context


class CasePart:
    """A part of one case's file, whose changes are in the ledger.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
    """

    def __init__(self, context: Context, ledger: Ledger) -> None:
        self._context = context
        self._ledger = ledger
