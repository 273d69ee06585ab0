"""Links of a case to other cases: earlier cases with the same identifiers, and those a person checked for identity."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.case.context import Context
from rightsflow.store.case.outbox import Outbox

_FOUND_OUT: Final = "person/"


class OtherPersons:
    """The case's links to other cases. The ledger names these by keyed hashes alone, since evidence leaves the company.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox

    def note_earlier(self, case_ids: Collection[str]) -> None:
        """Note that there were earlier cases with the same identifiers."""
        hashes = sorted(self._context.text_hash("earlier case", identifier_text) for identifier_text in case_ids)
        self._ledger.append(CaseEvent.EARLIER_CASES_FOUND, cases=hashes, count=len(hashes))

    def found_out(self) -> dict[str, bool]:
        """Return people's latest findings on other cases: whether each is of the same person."""
        said = map(json.loads, self._outbox.secrets_below(_FOUND_OUT))
        return {item["case"]: bool(item["is_same"]) for item in said}

    def note_found_out(self, other: str, reason: str, *, is_same: bool, by: str) -> None:
        """Note a person's finding on another case.

        Args:
            other: The other case.
            reason: How that was found out; only its keyed hash is kept, since it may name the person.
            is_same: Whether it is of the same person.
            by: Who found out.
        """
        number = len(self._outbox.secrets_below(_FOUND_OUT)) + 1
        self._outbox.keep_secret(f"{_FOUND_OUT}{number:06d}", json.dumps({"case": other, "is_same": is_same}))
        event = CaseEvent.SAME_PERSON_CONFIRMED if is_same else CaseEvent.OTHER_PERSON_FOUND
        named, hashed = self._context.text_hash("other case", other), self._context.text_hash("reason", reason)
        self._ledger.append(event, actor=by, other=named, reason=hashed)
