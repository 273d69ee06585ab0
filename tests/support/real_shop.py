"""A whole Rightsflow over a shop's own database on SQLite, read as the person and the shop read it afterwards.

No fake: what a case leaves in the rows is asked of the database itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.publishing import place_of
from connectors.registry import connectors_for, system_settings
from rightsflow.app import current_app, installed, mail_server
from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.processors.instructions import instruct_processor, processors_to_instruct, recipients_to_tell
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.config.settings import Settings
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.request import RequestForm
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.held_records import all_needed
from tests.support.identity import confirmed
from tests.support.stores import set_up, without_waiting_for_the_disk

TABLES = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, street TEXT, phone TEXT,
  frozen INTEGER DEFAULT 0, restricted_by TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), goods TEXT, state TEXT,
  placed TEXT, frozen INTEGER DEFAULT 0, restricted_by TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), amount TEXT, email TEXT,
  issued TEXT, frozen INTEGER DEFAULT 0, restricted_by TEXT);
CREATE TABLE newsletter (id INTEGER PRIMARY KEY, email TEXT, since TEXT, frozen INTEGER DEFAULT 0, restricted_by TEXT);
INSERT INTO customers (id, email, name, street, phone) VALUES
  (1, 'anna@example.com', 'Anna Quill', 'Elm Street 1', '+493023125001'),
  (2, 'boris@example.org', 'Boris Other', 'Oak Street 2', '+493023125002');
INSERT INTO newsletter (id, email, since) VALUES (1, 'anna@example.com', '2025-01-05'),
  (2, 'boris@example.org', '2025-01-06');
INSERT INTO invoices (id, customer_id, amount, email, issued) VALUES (1, 1, '49.00', 'anna@example.com', '2025-06-01'),
  (2, 2, '12.00', 'boris@example.org', '2025-06-02');
INSERT INTO orders (id, customer_id, goods, state, placed) VALUES (2, 2, 'a lamp', 'open', '2026-03-02');
"""
_MARK = {"column": "frozen", "value": 1, "lifted": 0, "case_column": "restricted_by"}
_THEIRS = [{"column": "customer_id", "table": "customers", "to": "id"}]
TABLES_OF: dict[str, Any] = {
    "customers": {
        "key": ["id"],
        "category": "customer accounts",
        "identities": [{"column": "email", "kind": "email"}, {"column": "phone", "kind": "phone"}],
        "erase": "blank",
        "blank": {"email": "", "name": "", "street": "", "phone": ""},
        "document_class": "none",
        "restriction": _MARK,
    },
    "orders": {
        "key": ["id"],
        "references": _THEIRS,
        "occurred_at": "placed",
        "document_class": "none",
        "restriction": _MARK,
        "preflight": {"open_when": {"state": "open"}},
    },
    "invoices": {
        "key": ["id"],
        "references": _THEIRS,
        "identities": [{"column": "email", "kind": "email"}],
        "occurred_at": "issued",
        "facts": ["accounting"],
        "restriction": _MARK,
    },
    "newsletter": {
        "key": ["id"],
        "category": "newsletter",
        "identities": [{"column": "email", "kind": "email"}],
        "document_class": "none",
        "restriction": _MARK,
    },
}
SECTION: dict[str, Any] = {
    "connector": "sql",
    "purposes": ["selling goods"],
    "categories": ["customer accounts", "orders", "invoices", "newsletter"],
    "source": "the data subject",
    "recipients": "none",
    "retention": "while you are a customer",
    "transfers": "none",
    "backup_days": 0,
    "marketing": [],
    "consent": ["newsletter"],
}
CALLHOUSE = {
    "name": "Callhouse Lisbon",
    "contract": "DPA-2025-014",
    "contact": "privacy@callhouse.example",
    "systems": ["shop"],
    "categories": ["call notes"],
    "identifiers": ["email"],
}
PARCELS = CALLHOUSE | {"name": "Paketdienst AG", "role": "controller", "categories": ["delivery addresses"]}
ARCHIVE = {
    "name": "Paper archive",
    "owner": "Registry",
    "contact": "registry@example.com",
    "purposes": ["proof of contracts"],
    "categories": ["signed contracts"],
    "source": "the data subject",
    "recipients": "none",
    "retention": "ten years",
    "transfers": "none",
    "identifiers": ["email"],
    "answers_within_days": 5,
}
_CONTROLLER = {
    "name": "Example Devices GmbH",
    "country": "DE",
    "timezone": "Europe/Berlin",
    "authority": {"name": "BayLDA", "url": "https://www.lda.bayern.de"},
    "automated_decisions": "No decision about you is made by automated means alone.",
}


@dataclass
class Shop:
    """The shop and the software over it.

    Args:
        file: The shop's database.
        runtime: The software.
        moment: The present instant, which the test moves.
    """

    file: Path
    runtime: App
    moment: list[datetime]

    def run(self, *statements: str) -> None:
        """Change the shop's database as its own programs do."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            for one in statements:
                connection.execute(one)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the shop's database."""
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(query).fetchall()

    def pass_days(self, days: int) -> None:
        """Let days pass."""
        self.moment[0] += timedelta(days=days)

    def searched(self, right: str, email: str = "anna@example.com", **fields: str) -> str:
        """A case whose person is identified and searched for."""
        form = RequestForm(right=right, email=email, opened_by="Olga Opener", channel="e-mail", **fields)
        case_id = open_request_form(current_app(), form).case_id
        reach_gate(current_app(), case_id, Gate.IDENTITY)
        record_decision(current_app(), case_id, confirmed(self.moment[0]))
        for _ in range(6):
            for system in self.runtime.connectors:
                locate_records(current_app(), case_id, system)
            if not resolve_identifiers(current_app(), case_id).learnt:
                break
        return case_id

    def planned(self, right: str = "erasure", **fields: str) -> str:
        """A case whose plan waits for its approval."""
        case_id = self.searched(right, **fields)
        prepare_plan(current_app(), case_id)
        return case_id

    def task_of(self, case_id: str, key: str) -> str:
        """What a processor or a colleague is asked now."""
        instruct_processor(current_app(), case_id, key)
        return self.texts(case_id)[key]

    def gate(self, case_id: str) -> str:
        """What the person who approves reads."""
        view = reach_gate(current_app(), case_id, Gate.APPROVAL)
        return describe_gate(current_app(), view)

    def approve(self, case_id: str, records: Mapping[str, RecordDecision] | None = None) -> None:
        """Approve the plan as a second person."""
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        decision = Decision(
            gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=records or all_needed(case_id)
        )
        record_decision(current_app(), case_id, decision)
        settle_plan(current_app(), case_id)

    def carry_out(self, case_id: str) -> None:
        """Do what the flow does once the plan is approved."""
        for one in processors_to_instruct(current_app(), case_id):
            instruct_processor(current_app(), case_id, one)
        for system in self.runtime.connectors:
            erase_records(current_app(), case_id, system)
            verify_erasure(current_app(), case_id, system)
        for one in recipients_to_tell(current_app(), case_id):
            instruct_processor(current_app(), case_id, one)

    def answer(self, case_id: str) -> str:
        """Write the answer; returns its text."""
        write_answer(current_app(), case_id)
        with self.runtime.store.case_file(case_id) as file:
            return [*file.outbox.letters()][-1].body

    def answered(self, right: str = "erasure", **fields: str) -> tuple[str, str]:
        """A case from the request to the answer; returns it and the answer."""
        case_id = self.planned(right, **fields)
        self.approve(case_id)
        self.carry_out(case_id)
        return case_id, self.answer(case_id)

    def texts(self, case_id: str) -> dict[str, str]:
        """What processors, colleagues and recipients are told, by their keys."""
        with self.runtime.store.case_file(case_id) as file:
            return {one.processor: file.instructions.text(one.number) for one in file.instructions.all()}

    def tasks(self, case_id: str) -> list[str]:
        """The open tasks of a case."""
        with self.runtime.store.case_file(case_id) as file:
            return [one.what for one in file.tasks.all() if one.is_open]


@contextmanager
def a_shop(
    folder: Path,
    *,
    section: Mapping[str, Any] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Iterator[Shop]:
    """A shop with Anna's data and, beside them, Boris's.

    Args:
        folder: An empty folder.
        section: Keys of the system's section that are other ones; ``None`` takes one out.
        tables: Keys of tables that are other ones, by the tables' names.
        settings: Further sections of the configuration, such as ``processors``.
    """
    file, url = folder / "shop.sqlite", folder / "shop-url"
    url.write_text(f"sqlite:///{file}", encoding="utf-8")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(TABLES)
    database = without_waiting_for_the_disk(Database(f"sqlite:///{folder / 'cases.db'}"))
    set_up(database)
    moment = [datetime(2026, 3, 5, 9, 0, tzinfo=UTC)]
    whole = _settings(url, section or {}, tables or {}, settings)
    runtime = App(
        settings=whole,
        store=Store(database, MasterKey(b"k" * 32), lambda: moment[0]),
        connectors=connectors_for(whole),
        systems=system_settings(whole),
        work_location=str(folder / "work"),
        now=lambda: moment[0],
        import_location=str(folder / "imports"),
        open_mail=mail_server,
        open_place=place_of,
    )
    with installed(runtime):
        yield Shop(file, runtime, moment)
    database.close()


def _settings(
    url: Path, section: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
) -> Settings:
    listed = [{"name": name, **one, **tables.get(name, {})} for name, one in deepcopy(TABLES_OF).items()]
    shop = {"url": f"file:{url}", **SECTION, **section, "tables": listed}
    owners = {
        role: {"name": name, "email": f"{role.replace('_', '-')}@example.com"}
        for role, name in (("case_owner", "Subject rights desk"), ("dpo", "DPO"), ("management", "Care"))
    }
    return Settings.model_validate(
        {
            "controller": _CONTROLLER,
            "owners": owners,
            "systems": {"shop": {key: one for key, one in shop.items() if one is not None}},
            **settings,
        }
    )
