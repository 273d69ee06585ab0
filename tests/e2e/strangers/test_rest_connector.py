"""A server that ignores filters: django-helpdesk's REST API, described in a file.

The engine checks what it lists, and passes the conformance suite on the real server; without that check it is caught.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import requests

from connectors.http import Patience
from connectors.registry import ControllerPlace
from connectors.rest import RestConnector, RestSettings
from connectors.rest.records import RestSession
from proofs.strangers import mails
from proofs.strangers.people import populate
from proofs.strangers.planted import NOTE, Marks
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.testing.bench import Bench
from rightsflow.testing.conformance import ConnectorConformance
from tests.support.peers import helpdesk
from tests.support.peers.faulty import Fault, running_front

# It starts a server, which takes longer than all fast tests together.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("helpdesk")]

POPULATION, MARKS = populate(3), Marks()
ANNA = POPULATION.people[0]
_TABLES = (
    "helpdesk_ticket",
    "helpdesk_followup",
    "helpdesk_followupattachment",
    "helpdesk_ticketcc",
    "helpdesk_ticketcustomfieldvalue",
)
_REFUSALS = {"403": Fault(status=403), "404": Fault(status=404), "cut": Fault()}
PATIENCE = Patience(sleep=lambda _: None, retries=1)
MESSAGE, TICKET = "message", "ticket"
FILE = Path(helpdesk.__file__).parent / "helpdesk_site" / "helpdesk.toml"


def described(address, password, kind=RestConnector):
    """The helpdesk by its description."""
    section = {
        "connector": "rest",
        "purposes": ["service"],
        "categories": ["contact data"],
        "source": "the data subject",
        "retention": "24 months",
        "file": str(FILE),
        "values": {"address": address},
        "user": "api",
        "secret": f"env:{password}",
    }
    place = ControllerPlace(country="DE", timezone="Europe/Berlin")
    return kind("desk", RestSettings.model_validate(section), place, PATIENCE)


class BelievingSession(RestSession):
    """Whom a record names is the person who was asked for, as an author has it who believes that the API searches."""

    def record(self, name, row, parent=None):
        record = super().record(name, row, parent)
        return replace(record, names=self.known or record.names)


class Believing(RestConnector):
    """The same without the check of what is listed."""

    session_type = BelievingSession


class Site:
    """A filled helpdesk that can be brought back to its beginning.

    Args:
        helpdesk: The helpdesk.
        front: The front before it.
        kept: Where its attachments are kept.
    """

    def __init__(self, helpdesk, front, kept):
        self.helpdesk, self.front, self._kept = helpdesk, front, kept
        self.held = mails.held(helpdesk, POPULATION, MARKS)
        with self._admin() as admin:
            for table in _TABLES:
                admin.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
        shutil.copytree(helpdesk.files, kept)
        self._hers = {place for place, row in self.held.snapshot().items() if self._is_annas(place, row)}

    def begin_anew(self):
        """As it was when it was filled; two pages of tickets."""
        with self._admin() as admin:
            admin.execute("SET session_replication_role = replica")
            for table in _TABLES:
                admin.execute(f"DELETE FROM {table}")
                admin.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
        shutil.rmtree(self.helpdesk.files)
        shutil.copytree(self._kept, self.helpdesk.files)

    def neighbours(self):
        """A digest of everything that is not Anna's."""
        digest = hashlib.sha256()
        for place, row in self.held.snapshot().items():
            if place not in self._hers:
                stored = sorted(item for item in row.items() if not item[0].startswith(NOTE))
                digest.update(repr((place, stored)).encode())
        return digest.hexdigest()

    def _is_annas(self, place, row):
        rule = self.held.rule_of(place)
        return rule is not None and ANNA.number in rule.owners(row)

    def bench(self, kind):
        self.begin_anew()
        return Bench(
            connector=described(self.front.endpoint, "HELPDESK_PASSWORD", kind),
            known=frozenset({identifier(IdentifierKind.EMAIL, one) for one in ANNA.emails}),
            nobody=frozenset({identifier(IdentifierKind.EMAIL, "nobody@example.com")}),
            expected={TICKET: 1, MESSAGE: 3},
            canaries=frozenset({*ANNA.emails, ANNA.name, *(one.word for one in MARKS.by_word.values())}),
            neighbours=self.neighbours,
            # It lists the recipients of the messages that others wrote in the ticket, which no call changes.
            residue=frozenset({TICKET}),
            outage=lambda: self.front.failing(lambda *_: Fault(status=503)),
            method_for={MESSAGE: Method.ERASE, TICKET: Method.REDACT},
            # Nothing has to be changed for that: it always does.
            ignoring_filters=nullcontext,
            refused_lists={
                name: partial(self.front.failing, partial(_on_lists, fault)) for name, fault in _REFUSALS.items()
            },
            beyond_a_page=self.fill_pages,
            wrong_credentials=lambda: described(self.front.endpoint, "WRONG_PASSWORD", kind),
            shared=(shared := self.shared()),
            never_shared="" if shared else "No one else has written in her ticket.",
        )

    def fill_pages(self):
        """Sixty tickets of one person, on three pages."""
        with self._admin() as admin:
            columns = [
                name
                for (name,) in admin.execute(
                    "SELECT column_name FROM information_schema.columns "
                    "WHERE table_name = 'helpdesk_ticket' AND table_schema = 'public' ORDER BY ordinal_position"
                ).fetchall()
            ]
            values = {"id": "1000 + number", "submitter_email": "'pages@example.com'"}
            selected = ", ".join(values.get(name, f'"{name}"') for name in columns)
            admin.execute(
                f"INSERT INTO helpdesk_ticket SELECT {selected} FROM kept_helpdesk_ticket, "
                "generate_series(1, 60) AS number WHERE id = (SELECT min(id) FROM kept_helpdesk_ticket)"
            )
        return frozenset({identifier(IdentifierKind.EMAIL, "pages@example.com")}), {TICKET: 60}

    def shared(self):
        """Anna's tickets in which others have written."""
        with self._admin() as admin:
            rows = admin.execute(
                "SELECT DISTINCT t.id FROM helpdesk_ticket t JOIN helpdesk_followup f ON f.ticket_id = t.id "
                "WHERE t.submitter_email = ANY(%s) AND NOT f.title ~ ANY(%s)",
                (list(ANNA.emails), [re.escape(one) for one in ANNA.emails]),
            )
            return frozenset(RecordRef("desk", TICKET, str(number)) for (number,) in rows.fetchall())

    @contextmanager
    def _admin(self):
        with self.helpdesk.database.server.admin(self.helpdesk.database.name) as admin:
            yield admin


def _on_lists(fault, _method, path):
    return fault if path.startswith("/api/tickets/?") else None


@pytest.fixture(scope="module")
def site(tmp_path_factory, postgres_server):
    with helpdesk.running_helpdesk(tmp_path_factory.mktemp("helpdesk"), postgres_server) as desk:
        desk.fill(mails.plan(POPULATION, MARKS))
        patches = pytest.MonkeyPatch.context()
        with desk.serving() as address, running_front(address) as front, patches as environment:
            environment.setenv("HELPDESK_PASSWORD", desk.password)
            environment.setenv("WRONG_PASSWORD", "wrong")
            yield Site(desk, front, tmp_path_factory.mktemp("kept") / "media")


class TestConformance(ConnectorConformance):
    @pytest.fixture
    def bench(self, site):
        return site.bench(RestConnector)


def test_the_server_answers_a_filter_that_it_does_not_know_with_everybody(site):
    """What makes the difference: it was asked for an address that it does not hold."""
    site.begin_anew()
    asked = {"submitter_email": "nobody@example.com"}
    answer = requests.get(
        f"{site.front.endpoint}/api/tickets/", asked, auth=("api", site.helpdesk.password), timeout=60
    )
    assert answer.json()["count"] == 24


@pytest.mark.parametrize(
    "sentence",
    [
        "test_a_server_that_ignores_filters_gives_nobody_elses_records",
        "test_locate_of_a_stranger_is_empty",
        "test_locate_finds_exactly_the_subjects_records",
        "test_erase_leaves_everybody_else_alone",
    ],
)
def test_a_connector_that_believes_what_is_listed_is_caught(site, sentence):
    """Before, everybody's tickets were given to a person whom the helpdesk does not hold."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(ConnectorConformance(), sentence)(site.bench(Believing))
