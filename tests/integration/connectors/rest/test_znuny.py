"""Znuny by its GenericInterface, on a real server: it gives tickets, and says what no operation erases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from connectors.rest import RestConnector
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.vocabulary.records import Document, Method, OutcomeKind, PresenceState
from rightsflow.testing.bench import find
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.peers.mariadb import running_mariadb
from tests.support.peers.znuny import PASSWORD, made_znuny

# It makes a database with Znuny's own schema, and starts a server.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("znuny-rest"), pytest.mark.timeout(900)]

FILL = Path(__file__).parents[4] / "proofs" / "strangers" / "fill" / "fill_znuny.pl"
ANNA, BEN, TWIN = "anna@example.com", "ben@example.com", "joanna@example.com"
NUMBERS = {ANNA: 0, BEN: 1, TWIN: 2}


def _person(mail: str) -> dict[str, object]:
    name = mail.partition("@")[0].title()
    about = {"number": NUMBERS[mail], "first": name, "last": "Example", "name": f"{name} Example", "emails": [mail]}
    return about | {"phones": [f"+49 30 90182{NUMBERS[mail]}"], "customer": f"70{NUMBERS[mail]}", "login": mail}


def _ticket(mail: str, *answers: str) -> dict[str, object]:
    messages = [{"author": NUMBERS[other], "text": f"{other} answers."} for other in answers]
    messages.append({"author": "agnes", "text": "We looked into it.", "internal": True})
    about = {"author": NUMBERS[mail], "email": mail, "phone": "", "born": "", "cc": []}
    return about | {"subject": f"Kettle of {mail}", "text": f"It hums, says {mail}.", "messages": messages}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("znuny")
    with running_mariadb() as server, server.database() as database:
        znuny = made_znuny(folder / "home", server.socket, database.name)
        people = [_person(mail) for mail in NUMBERS]
        agent = {"number": "agnes", "name": "Care", "emails": ["care@care.example.com"]}
        tickets = [_ticket(ANNA), _ticket(BEN, ANNA), _ticket(TWIN)]
        znuny.run(FILL, {"people": [*people, agent], "tickets": tickets})
        with znuny.serving() as address:
            yield address, database


@pytest.fixture
def desk(served, monkeypatch) -> RestConnector:
    monkeypatch.setenv("ZNUNY_PASSWORD", PASSWORD)
    more = {"user": "root@localhost", "values": {"address": served[0]}}
    return connector_on(served[0], "znuny", "env:ZNUNY_PASSWORD", **more)


def _texts(desk: RestConnector, mail: str) -> str:
    found = find(desk, known(email=mail))
    refs = [item.record for item in found.subject]
    return json.dumps([part.content for part in desk.extract(refs, found.known) if isinstance(part, Document)])


def test_doctor_finds_the_server_and_its_searches_good(desk):
    health = desk.probe()
    assert (health.ok, health.is_doubtful) == (True, False), health.detail


def test_a_copy_has_own_tickets_and_what_the_person_wrote_elsewhere(desk):
    text = _texts(desk, ANNA)
    assert f"It hums, says {ANNA}." in text
    assert f"{ANNA} answers." in text
    assert not [other for other in (BEN, TWIN) if f"says {other}." in text]


def test_what_no_operation_erases_is_named_and_stays(desk, served):
    found = find(desk, known(email=TWIN))
    (ref,) = (item.record for item in found.subject)
    (outcome,) = desk.erase([ref], Method.REDACT, found.known)
    assert outcome.kind is OutcomeKind.REDACTED
    (kind,) = desk.capabilities.kinds
    assert "stay" in kind.residue
    assert "Maint::Ticket::Delete" in kind.manual_step
    (look,) = desk.presence([ref], found.known)
    assert look.state in {PresenceState.PRESENT, PresenceState.RESIDUE}


def test_an_error_with_a_good_status_is_no_empty_answer(served, monkeypatch):
    """Znuny answers 200 to a wrong password, too."""
    monkeypatch.setenv("ZNUNY_PASSWORD", "wrong")
    more = {"user": "root@localhost", "values": {"address": served[0]}}
    desk = connector_on(served[0], "znuny", "env:ZNUNY_PASSWORD", **more)
    assert requests.get(f"{served[0]}/Search", timeout=30).status_code == 200
    with pytest.raises(RightsflowError):
        list(desk.locate(known(email=ANNA)))
