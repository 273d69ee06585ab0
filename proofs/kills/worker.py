"""The worker: answers one case as ``rightsflow run`` or a batch does, and kills itself where it is told to.

At a commit of the case store, at a statement in a system's database and at the removal of a file there is no peer
that could hold the call; there the worker sends itself the same signal that the harness would.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import requests
from prefect.context import TaskRunContext
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from connectors.publishing import place_of
from connectors.registry import connectors_for, system_settings
from connectors.sql.files import FileStore
from connectors.stripe.connector import StripeConnector
from connectors.stripe.settings import StripeSettings
from flows.access import access_request
from flows.batches import BATCH_OF, work_on_case
from flows.erasure import erasure_request
from flows.runs import outcome_of
from proofs.kills.ends import CHANGES, NOW, SECRET, Call, Notes
from rightsflow.app import current_app, installed, mail_server
from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import decide
from rightsflow.cases.facts.opened_texts import note_opened
from rightsflow.cases.step import attempt
from rightsflow.cases.step.attempt import Attempt
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.letter_rules import PACKAGE_LETTER
from rightsflow.domain.telemetry import here
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import Database, Store
from rightsflow.vault import load_master_key
from tests.support.reading import read_then_decide

_FLOWS = {Right.ACCESS: access_request, Right.ERASURE: erasure_request}
_AT_FIRST_USE = (
    "boto3.s3.transfer", "connectors.s3.connector", "connectors.sql.connector", "connectors.zendesk.connector",
    "Crypto.Cipher.AES", "fastapi.applications", "graphviz", "holidays.countries", "prefect.flow_engine",
    "prefect.task_engine", "sqlite3", "stripe",
)  # fmt: skip


def prepare() -> tuple[object, bool]:
    for name in _AT_FIRST_USE:
        importlib.import_module(name)
    settled = ExitStack()
    # Without heartbeats, whose thread each flow run waits a second for at its end.
    settled.enter_context(temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}))
    return settled, True


def runtime_of(home: Path | str) -> App:
    """Return the runtime of a home, at the one instant."""
    os.environ["RIGHTSFLOW_HOME"] = str(home)
    environment = Environment()
    settings = load_settings(environment.config_path)
    return App(
        settings=settings,
        store=Store(
            Database(environment.case_store_url), load_master_key(environment.master_key_reference), lambda: NOW
        ),
        connectors=connectors_for(settings),
        systems=system_settings(settings),
        work_location=environment.work_location,
        now=lambda: NOW,
        import_location=environment.import_location,
        open_mail=mail_server,
        open_place=place_of,
    )


def work(_settled: object, order: Mapping[str, Any]) -> int:
    runtime = runtime_of(order["home"])
    Tripwire(runtime.store.database.engine, Notes(order["notes"]), order["point"]).lay()
    if order["flaw"]:
        _put_in_flaws()
    with installed(runtime):
        return answer(runtime, order["case"])


def _put_in_flaws() -> None:
    """Put in two flaws that a kill has to reveal: an entry for each attempt, and a call that nothing guards."""

    class Telling(Attempt[Any]):
        def __init__(self, *arguments: Any, **named: Any):
            super().__init__(*arguments, **named)
            if not self.already_done:
                with self.app.store.case_file(self.case_id) as file:
                    file.ledger.append(cast("CaseEvent", "StepBegun"), step=self.step, system=self.system)

    vars(attempt)["Attempt"] = Telling
    original = StripeConnector.erase
    payments = system_settings(load_settings(Environment().config_path))["payments"]
    assert isinstance(payments, StripeSettings)

    def erase(connector: StripeConnector, *arguments: Any) -> Any:
        requests.post(
            f"{payments.api_base}/v1/customers", data={"description": "a note"}, auth=(SECRET, ""), timeout=10
        )
        return original(connector, *arguments)

    StripeConnector.erase = erase  # type: ignore[assignment, method-assign]


def answer(runtime: App, case_id: str) -> int:
    """Carry a case to its answer; returns the exit status."""
    with runtime.store.case_file(case_id) as file:
        flow, right, in_batch = _FLOWS[file.right], file.right, file.bulk.makes_room
    if in_batch:
        return _answer_in_batches(runtime, case_id, right)
    for _ in range(2):
        state = flow(case_id, return_state=True)
        if not state.is_completed():
            sys.stderr.write(f"{state.message}\n")
            return 1
        if outcome_of(state) != "Waiting":
            return 0
        read_then_decide(
            current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
        )
    return 2


def _answer_in_batches(runtime: App, case_id: str, right: Right) -> int:
    for _ in range(4):
        with runtime.store.case_file(case_id) as file:
            waits = file.state is CaseState.AWAITING_APPROVAL and file.decisions.at(Gate.APPROVAL) is None
            if waits and file.bulk.turn is None:
                if file.right is Right.ACCESS:
                    note_opened(file, PACKAGE_LETTER, file.what_is_approved(), by="Dana Decider")
                approval = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
                decide(file, approval, current_app())
            elif file.state.is_settled and file.bulk.turn is None:
                return 0
            elif file.bulk.turn and file.bulk.turn > runtime.now():
                # As if the minute were over in which a dead process had it: time does not pass here.
                file.bulk.try_again(timedelta(0))
        state = BATCH_OF[right](return_state=True)
        if not state.is_completed():
            sys.stderr.write(f"{state.message}\n")
            return 1
    return 2


class Tripwire:
    """Counts what can be a kill point in the worker itself, and kills it at one."""

    def __init__(self, case_store: Engine, notes: Notes, point: Mapping[str, object]):
        self._case_store, self._notes, self._point = case_store, notes, point
        self._commits: Counter[str] = Counter()
        self._statements = 0
        self._lock = threading.Lock()
        self._here = threading.local()

    def lay(self) -> None:
        """Begin to note what is done, and to stop at the point."""
        event.listen(Engine, "before_cursor_execute", self._before_statement)
        event.listen(Engine, "after_cursor_execute", self._after_statement)
        event.listen(Engine, "commit", self._before_commit)
        event.listen(Session, "after_commit", self._after_commit)
        original = FileStore.remove

        def remove(store: FileStore, path: str) -> None:
            call = self._number("REMOVE", "a recording")
            self._trip(call, "before")
            original(store, path)
            self._notes.add(call=call, stage="acted", status=0)
            self._trip(call, "after")

        FileStore.remove = remove  # type: ignore[assignment, method-assign]

    def _before_statement(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        verb = statement.split(None, 1)[0].upper()
        if connection.engine.pool is self._case_store.pool:
            # What need not outlive a power cut is done by the same pool with other options.
            if connection.engine is self._case_store and verb in CHANGES:
                self._here.dirty = True
            return
        if verb in {*CHANGES, "SELECT"}:
            self._here.call = self._number(verb, "cdr" if " cdr" in statement else "schema")
            self._trip(self._here.call, "before")

    def _after_statement(self, connection: Connection, cursor: Any, *_: object) -> None:
        call = getattr(self._here, "call", None)
        if connection.engine is self._case_store or call is None:
            return
        self._here.call = None
        self._notes.add(call=call, stage="acted", status=cursor.rowcount)
        self._trip(call, "after")

    def _before_commit(self, connection: Connection) -> None:
        if connection.engine is self._case_store:
            self._at_commit("before")

    def _after_commit(self, _session: object) -> None:
        self._at_commit("after")
        self._here.dirty = False

    def _at_commit(self, side: str) -> None:
        if not getattr(self._here, "dirty", False) or threading.current_thread().name == "leases":
            return
        place = step_here()
        if side == "before":
            with self._lock:
                self._commits[place] += 1
            self._here.number = self._commits[place]
            self._notes.add(commit=place, number=self._here.number)
        self._trip_at({"commit": place, "number": self._here.number, "side": side})

    def _number(self, method: str, path: str) -> Call:
        with self._lock:
            self._statements += 1
            return Call("recordings", self._statements, method, path)

    def _trip(self, call: Call, side: str) -> None:
        self._trip_at({"system": call.system, "number": call.number, "side": side})

    def _trip_at(self, place: Mapping[str, object]) -> None:
        if place == self._point:
            os.kill(os.getpid(), signal.SIGKILL)


def step_here() -> str:
    context = TaskRunContext.get()
    if context is None:
        return "flow"
    if context.task.name == work_on_case.name:
        # Its steps have no task runs.
        return f"{here().step} {here().system}".strip() or "case"
    return f"{context.task.name} {context.parameters.get('system', '')}".strip()
