"""A whole Rightsflow in this process: fake systems, a real case store, a clock that the test moves."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.publishing import place_of
from rightsflow.app import current_app, installed, mail_server
from rightsflow.cases.app import App
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.request import RequestForm
from rightsflow.store import Database, Store
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from rightsflow.vault import MasterKey
from tests.support.held_records import all_needed
from tests.support.identity import confirmed
from tests.support.kept_cases import OPEN, brought, listeners
from tests.support.reading import read_then_decide
from tests.support.stores import set_up, without_waiting_for_the_disk

SETTINGS = Settings.model_validate(
    {
        "controller": {
            "name": "Example Devices GmbH",
            "country": "DE",
            "timezone": "Europe/Berlin",
            "authority": {"name": "BayLDA", "url": "https://www.lda.bayern.de"},
            "automated_decisions": "No decision about you is made by automated means alone.",
        },
        "owners": {
            role: {"name": name, "email": f"{role.replace('_', '-')}@example.com"}
            for role, name in (("case_owner", "Subject rights desk"), ("dpo", "DPO"), ("management", "Care"))
        },
        "systems": {name: {"connector": "fake"} for name in ("helpdesk", "payments", "calls")},
    }
)
SECTION = SystemSettings(
    connector="fake",
    purposes=("service",),
    categories=("contact data",),
    source="the data subject",
    recipients=("Callhouse (processor)",),
    backup_days=0,
    retention="24 months",
    transfers="none",
)

ANNA_EMAIL = identifier(IdentifierKind.EMAIL, "anna.quill@example.com")
ANNA_PHONE = identifier(IdentifierKind.PHONE, "+49 30 23125 001")
ANNA_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-10001")
ANNA_NAME = identifier(IdentifierKind.NAME, "Anna Quillfeather")
BORIS_EMAIL = identifier(IdentifierKind.EMAIL, "boris.other@example.org")
BORIS_ID = identifier(IdentifierKind.CUSTOMER_ID, "C-20002")
ANNA_PROFILE = frozenset({ANNA_EMAIL, ANNA_PHONE, ANNA_ID, ANNA_NAME})
BORIS = frozenset({BORIS_EMAIL, BORIS_ID})
ANNA_TEXT = "my zebra-striped kettle leaks"
CANARIES = (*(one.value for one in ANNA_PROFILE), ANNA_TEXT, "zebra-striped")


@dataclass
class Bench:
    """The parts a test looks at and moves."""

    runtime: App
    systems: dict[str, FakeSystem]
    moment: list[datetime] = field(default_factory=list)
    is_known_outside: bool = False
    at_first: App = field(init=False)
    listeners: list[int] = field(init=False)
    has_kept_case: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.at_first = self.runtime
        self.listeners = listeners(self.runtime.store.database.engine)

    def pass_time(self, amount: timedelta) -> None:
        self.moment[0] += amount

    def open(self, right: str, **fields: str) -> str:
        given = {"email": "Anna.Quill@example.com", "opened_by": "Olga Opener", "channel": "e-mail"} | fields
        stage = ("open", right, *sorted(given.items()))
        return brought(self, stage, lambda: open_request_form(current_app(), RequestForm(right=right, **given)).case_id)

    def confirm_identity(self, case_id: str) -> None:
        read_then_decide(current_app(), case_id, confirmed(self.moment[0]))

    def approve(self, case_id: str, *lines: str, by: str = "Dana Decider", include_unclear: bool = False) -> None:
        """Approve what waits at the gate, with what lines like ``3: erase`` say of single records."""
        read_then_decide(
            current_app(),
            case_id,
            Decision(
                gate=Gate.APPROVAL,
                verdict=Verdict.APPROVED,
                by=by,
                include_unclear=include_unclear,
                records=all_needed(case_id) | read_record_decisions(lines),
            ),
        )

    def file(self, case_id: str):
        return self.runtime.store.case_file(case_id)


@contextmanager
def running_bench(folder: Path, url: str = "", *, is_known_outside: bool = False):
    """A fresh bench: empty store, three fake systems with Anna's data joined by a chain, and Boris's beside them.

    Args:
        folder: Where its files lie.
        url: Its database; a SQLite file in the folder by default.
        is_known_outside: Whether a server knows its cases by their ids, so that each has an id of its own.
    """
    database = without_waiting_for_the_disk(Database(url or f"sqlite:///{folder / 'cases.db'}"))
    set_up(database)
    moment = [datetime(2026, 3, 5, 9, 0, tzinfo=UTC)]
    store = Store(database, MasterKey(b"k" * 32), lambda: moment[0])
    systems = {name: FakeSystem(system=name) for name in ("helpdesk", "payments", "calls")}
    runtime = App(
        settings=SETTINGS,
        store=store,
        connectors=systems,
        systems=dict.fromkeys(systems, SECTION),
        work_location=str(folder / "work"),
        now=lambda: moment[0],
        import_location=str(folder / "imports"),
        open_mail=mail_server,
        open_place=place_of,
    )
    _fill(systems)
    made = Bench(runtime, systems, moment, is_known_outside)
    OPEN.append(made)
    try:
        with installed(runtime):
            yield made
    finally:
        OPEN[:] = [one for one in OPEN if one is not made]
    database.close()


def _fill(systems: dict[str, FakeSystem]) -> None:
    day = datetime(2026, 1, 10, tzinfo=UTC).date()
    systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u1", texts=((ANNA_PROFILE, "profile of Anna Quillfeather"),)),
        FakeRecord(kind="ticket", key="t1", profile="u1", texts=((ANNA_PROFILE, ANNA_TEXT),), occurred_on=day),
        FakeRecord(
            kind="ticket",
            key="t2",
            profile="u1",
            texts=((ANNA_PROFILE, "we both have it"), (BORIS, "me too")),
            occurred_on=day,
        ),
        FakeRecord(kind="profile", key="u2", texts=((BORIS, "profile of Boris"),)),
        FakeRecord(kind="ticket", key="t3", profile="u2", texts=((BORIS, "his own matter"),)),
    )
    systems["payments"].add(
        FakeRecord(kind="profile", key="c1", texts=((frozenset({ANNA_ID}), "payer"),)),
        FakeRecord(
            kind="invoice",
            key="i1",
            profile="c1",
            texts=((frozenset({ANNA_ID}), "kettle 49.00 EUR"),),
            occurred_on=day,
            facts=frozenset({_fact("accounting")}),
        ),
    )
    systems["calls"].add(
        FakeRecord(kind="recording", key="r1", texts=((frozenset({ANNA_PHONE}), "call"),), audio=b"RIFF" * 1000),
        FakeRecord(kind="recording", key="r2", texts=((BORIS, "his call"),), audio=b"RIFF" * 1000),
    )


def _fact(value: str):
    from rightsflow.domain.vocabulary.records import Fact

    return Fact(value)
