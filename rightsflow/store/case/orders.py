"""The order that a case carries out, where it is handled on behalf of a controller: read, answered, told."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Final

from rightsflow.domain.errors import Conflict
from rightsflow.domain.orders.order import NewOrder, Order, status_of
from rightsflow.domain.processors.instructions import Exclusion
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.steps import Steps
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import OrderRow

MOST_TRIES: Final = 12
"""The number of attempts to deliver a callback that the controller refuses; the status can be read at any time."""
_RESULT: Final = "order/result"


class Orders(CasePart):
    """The order of one case; most cases have none.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        steps: The case's steps.
    """

    def __init__(self, context: Context, ledger: Ledger, steps: Steps) -> None:
        super().__init__(context, ledger)
        self._steps = steps

    @property
    def is_one(self) -> bool:
        """True if the case is handled on behalf of a controller, so that no letter goes to the person."""
        return bool(self._context.row.controller)

    @property
    def present(self) -> Order | None:
        """The order, or ``None``."""
        row = self._row
        if row is None:
            return None
        state = CaseState(self._context.row.state)
        is_completed = row.completed_at is not None
        return Order(
            case_id=row.case_id,
            controller=row.controller,
            name=row.name,
            controller_id=row.controller_id,
            request_id=row.request_id,
            digest=row.digest,
            received_at=row.received_at,
            systems=tuple(row.systems),
            callbacks=tuple(row.callbacks),
            exclusions=tuple(map(_exclusion, json.loads(row.exclusions))),
            due_on=row.due_on,
            status=status_of(state, has_begun=bool(self._steps.all()), is_completed=is_completed),
            results=row.results,
            completed_at=row.completed_at,
            told=row.told,
        )

    @property
    def demanded(self) -> Order:
        """The order of a case that has one.

        Raises:
            Conflict: The case is a request of our own.
        """
        order = self.present
        if order is None:
            raise Conflict(f"{self._context.row.id} is handled on behalf of no controller.")
        return order

    def concerns(self, system: str) -> bool:
        """Return whether a system is searched in the case: every system, or for an order only its controller's.

        Args:
            system: The system's name in the configuration.
        """
        row = self._row
        return row is None or system in row.systems

    def put(self, new: NewOrder) -> None:
        """Store the order of a case that is being opened."""
        asked = new.asked
        self._context.session.add(
            OrderRow(
                case_id=self._context.row.id,
                controller=new.controller,
                name=new.name,
                controller_id=new.controller_id,
                request_id=asked.request_id,
                digest=asked.digest,
                systems=list(new.systems),
                callbacks=list(asked.callbacks),
                exclusions=json.dumps([_plain(exclusion) for exclusion in asked.exclusions]),
                due_on=new.due_on,
                received_at=self._context.now,
                wants_callbacks=bool(asked.callbacks),
                # The answer to the request says so.
                told=OpenDsrStatus.PENDING.value,
            )
        )
        self._context.session.flush()
        self._ledger.append(
            CaseEvent.ORDER_TAKEN,
            actor=self._context.row.opened_by,
            controller=new.name,
            request=asked.request_id,
            asked=asked.digest,
            systems=list(new.systems),
            due_on=new.due_on.isoformat(),
            exclusions=len(asked.exclusions),
        )

    def put_result(self, certificate: bytes, results: int) -> None:
        """Store the certificate that answers the order, in place of an earlier one.

        Args:
            certificate: Its bytes, which are signed as they are when the controller fetches them.
            results: Of how many records it speaks.

        Raises:
            Conflict: The case has no order.
        """
        row = self._demanded_row
        if row.sealed_result is not None:
            # A certificate that was made anew is told as the first one was.
            row.told, row.tries, row.wants_callbacks = "", 0, bool(row.callbacks)
        row.sealed_result = self._context.key.seal_bytes(_RESULT, certificate)
        row.results, row.completed_at = results, self._context.now
        self._context.session.flush()
        digest = hashlib.sha256(certificate).hexdigest()
        self._ledger.append(CaseEvent.ORDER_ANSWERED, certificate=digest, records=results)

    def result(self) -> bytes:
        """Return the certificate's bytes.

        Raises:
            Conflict: There is none.
        """
        row = self._demanded_row
        if row.sealed_result is None:
            raise Conflict(f"{row.case_id} has no certificate yet.")
        return self._context.key.open_bytes(_RESULT, row.sealed_result)

    def note_fetched(self, what: str, *, by: str) -> None:
        """Note that the controller fetched something; once for each.

        Args:
            what: The certificate, or the package.
            by: The controller.
        """
        seen = {entry.details["what"] for entry in self._ledger.entries(CaseEvent.ORDER_RESULT_FETCHED)}
        if what not in seen:
            self._ledger.append(CaseEvent.ORDER_RESULT_FETCHED, actor=by, what=what)

    def note_told(self, status: str, taken: int) -> None:
        """Note that callbacks were made; a callback that was refused is retried a few times.

        Args:
            status: What the controller was told.
            taken: How many of its addresses took it.

        Raises:
            Conflict: The case has no order.
        """
        row = self._demanded_row
        row.tries += 1
        if not taken and row.tries < MOST_TRIES:
            return
        is_new = row.told != status
        row.told, row.tries = status, 0
        row.wants_callbacks = row.completed_at is None and not CaseState(self._context.row.state).is_settled
        self._context.session.flush()
        if is_new:
            self._ledger.append(CaseEvent.CONTROLLER_TOLD, status=status, addresses=taken)

    @property
    def _row(self) -> OrderRow | None:
        return self._context.session.get(OrderRow, self._context.row.id) if self.is_one else None

    @property
    def _demanded_row(self) -> OrderRow:
        row = self._row
        if row is None:
            raise Conflict(f"{self._context.row.id} is handled on behalf of no controller.")
        return row


def _plain(exclusion: Exclusion) -> dict[str, str | None]:
    until = exclusion.until.isoformat() if exclusion.until else None
    return {
        "category": exclusion.category,
        "provision": exclusion.provision,
        "until": until,
        "ends_when": exclusion.ends_when,
    }


def _exclusion(said: dict[str, str]) -> Exclusion:
    return Exclusion(
        category=said["category"],
        provision=said["provision"],
        until=date.fromisoformat(said["until"]) if said["until"] else None,
        ends_when=said["ends_when"],
    )
