"""A small call centre in real systems: a helpdesk, localstripe, Redmine's tables on PostgreSQL, and SeaweedFS.

Anna has one of everything in each of them, and so has Boris, of whom nothing may change.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import requests

from connectors.registry import connectors_for, system_settings
from proofs.strangers import operator, tables, town_systems, towns
from proofs.strangers.world import client_of
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from rightsflow_sandbox.helpdesk.server import running_helpdesk
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Pace
from rightsflow_sandbox.processes import start
from tests.support.bench import Bench
from tests.support.peers.postgres import PostgresDatabase, PostgresServer
from tests.support.peers.redmine_tables import Tickets
from tests.support.peers.seaweedfs import S3Peer

ANNA, BORIS = "C-10001", "C-20002"
ANNAS_USER, BORISS_USER, ANNAS_TICKET, SHARED_TICKET = 1001, 1002, 4001, 4003
PAID_AT = datetime(2026, 1, 10, 12, tzinfo=UTC)
BEGAN_AT = datetime(2026, 11, 27, 9, tzinfo=UTC)
CARD_TAG = "card-code"
_SECRET = "an-invented-secret"
_NUMBERS = count(1)
_PEOPLE = {
    ANNA: ("Anna Quillfeather", "anna.quill@example.com", "+493023125001", ANNAS_USER),
    BORIS: ("Boris Other", "boris.other@example.org", "+493023125002", BORISS_USER),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RealSystems:
    """The systems, and how a test looks into them.

    Args:
        helpdesk: The helpdesk's state.
        payments: The payment provider's address.
        key: A key of it.
        database: Redmine's tables.
        s3: A client that may do everything.
        bucket: The bucket of recordings.
        sections: The sections of the configuration.
    """

    helpdesk: HelpdeskState
    payments: str
    key: str = field(repr=False)
    database: PostgresDatabase
    s3: Any
    bucket: str
    sections: dict[str, dict[str, Any]]

    def call(self, name: str = "anna") -> bytes:
        """A recording as it is read now; nothing where there is none."""
        try:
            return bytes(self.s3.get_object(Bucket=self.bucket, Key=f"{name}.wav")["Body"].read())
        except self.s3.exceptions.NoSuchKey:
            return b""

    def calls(self) -> list[str]:
        """The keys of every version that lies there."""
        listed = self.s3.list_object_versions(Bucket=self.bucket)
        return sorted(one["Key"] for one in listed.get("Versions", ()))

    def tags(self, name: str = "anna") -> dict[str, str]:
        """The tags of a recording."""
        found = self.s3.get_object_tagging(Bucket=self.bucket, Key=f"{name}.wav")["TagSet"]
        return {one["Key"]: one["Value"] for one in found}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of Redmine's tables."""
        with self.database.server.admin(self.database.name) as admin:
            return list(admin.execute(query).fetchall())

    def customer(self, who: str) -> dict[str, Any]:
        """A customer of the payment provider; nothing where there is none."""
        answer = requests.get(f"{self.payments}/v1/customers", auth=(self.key, ""), timeout=10).json()
        return next((one for one in answer["data"] if one["metadata"].get("customer_id") == who), {})

    def of_boris(self) -> str:
        """A digest of everything that is Boris's, what he wrote in a ticket of Anna's included."""
        with self.helpdesk.lock:
            dumped = dump_helpdesk(self.helpdesk)
        theirs = [one for one in dumped["users"] if one["id"] == BORISS_USER]
        theirs += [one for one in dumped["tickets"] if one["requester_id"] == BORISS_USER]
        theirs += [one for one in dumped["comments"] if one["author_id"] == BORISS_USER]
        tables = ("users u WHERE u.lastname = 'Other'", "issues u WHERE u.subject LIKE '%Boris%'", "email_addresses u")
        theirs += [self.rows(f"SELECT u.* FROM {one} ORDER BY u.id") for one in tables[:2]]
        theirs += [[one for one in self.rows(f"SELECT * FROM {tables[2]}") if "boris" in str(one)]]
        theirs += [self.customer(BORIS), hashlib.sha256(self.call("boris")).hexdigest(), self.tags("boris")]
        return hashlib.sha256(json.dumps(theirs, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def real_systems(
    folder: Path,
    server: PostgresServer,
    peer: S3Peer,
    sound: bytes,
    *,
    disputed: bool = False,
    versions: bool = True,
    seconds: str = "",
    status: str = "closed",
    **more: dict[str, Any],
) -> Iterator[RealSystems]:
    """Start and fill the systems.

    Args:
        folder: An empty folder.
        server: A PostgreSQL server.
        peer: A SeaweedFS.
        sound: The recordings.
        disputed: Whether Anna's payment is disputed.
        versions: Whether the bucket keeps versions.
        seconds: Which seconds of the recordings have a card's security number.
        status: How far the helpdesk's tickets are.
        more: What the sections of systems say besides.
    """
    with ExitStack() as stack:
        helpdesk = load_helpdesk(_tickets(status), pace=Pace(job_polls=1))
        url = stack.enter_context(running_helpdesk(helpdesk, client_secret=_SECRET))
        payments, key = stack.enter_context(_paying(folder, disputed=disputed))
        database = stack.enter_context(server.database())
        s3, bucket = client_of(peer), f"acceptance-{next(_NUMBERS)}"
        _record(s3, bucket, sound, versions=versions, seconds=seconds)
        (folder / "helpdesk-secret").write_text(_SECRET, encoding="utf-8")
        written = (
            town_systems.SECTION.format(url=url, secret=folder / "helpdesk-secret"),
            towns.SECTION.format(key=folder / "payments-key", url=payments),
            operator.store_section("calls", peer, bucket, folder),
            _redmine(database, folder),
        )
        sections = tomllib.loads("".join(written))["systems"]
        sections["calls"]["match"]["keys"] = {"customer": "customer_id"}
        sections["calls"]["card_code_tag"] = CARD_TAG
        for name, changes in more.items():
            sections[name] = sections[name] | changes
        yield RealSystems(
            helpdesk=helpdesk,
            payments=payments,
            key=key,
            database=database,
            s3=s3,
            bucket=bucket,
            sections=sections,
        )


def connected(bench: Bench, systems: RealSystems, **controller: Any) -> None:
    """Let a bench work at the systems.

    Args:
        bench: The bench.
        systems: The systems.
        controller: What the controller's section says otherwise.
    """
    settings = bench.runtime.settings
    changed = {"systems": systems.sections, "controller": settings.controller.model_copy(update=controller)}
    settings = settings.model_copy(update=changed)
    bench.runtime = replace(
        bench.runtime, settings=settings, connectors=connectors_for(settings), systems=system_settings(settings)
    )


def _tickets(status: str) -> dict[str, Any]:
    at = "2026-02-02T09:00:00Z"
    staff = [{"id": 900_001, "name": "Helga Desk", "email": "admin@agents.example.com", "role": "admin"}]
    users = [
        {"id": user, "name": name, "email": email, "phone": phone, "external_id": who, "role": "end-user"}
        for who, (name, email, phone, user) in _PEOPLE.items()
    ]
    for user in (*staff, *users):
        user["created_at"] = at
    who_asked = {ANNAS_TICKET: ANNAS_USER, 4002: BORISS_USER, SHARED_TICKET: ANNAS_USER}
    tickets = [
        {"id": number, "subject": "Kettle", "status": status, "requester_id": user, "created_at": at}
        for number, user in who_asked.items()
    ]
    tickets[-1]["email_cc_ids"] = [BORISS_USER]
    written = [*who_asked.items(), (SHARED_TICKET, BORISS_USER)]
    comments = [
        {
            "id": 19_001 + place,
            "ticket_id": ticket,
            "author_id": author,
            "body": f"It leaks, says {author}.",
            "created_at": at,
            "attachments": [
                {
                    "id": 60_001 + place,
                    "file_name": "kettle.txt",
                    "content_type": "text/plain",
                    "content_base64": base64.b64encode(f"Picture of {author}.".encode()).decode(),
                }
            ],
        }
        for place, (ticket, author) in enumerate(written)
    ]
    return {"users": [*staff, *users], "tickets": tickets, "comments": comments}


@contextmanager
def _paying(folder: Path, *, disputed: bool) -> Iterator[tuple[str, str]]:
    key, data = f"rk_test_{secrets.token_hex(16)}", folder / "accounts.json"
    (folder / "payments-key").write_text(key, encoding="utf-8")
    accounts = [_account(place, who, disputed=disputed and who == ANNA) for place, who in enumerate(_PEOPLE)]
    seed = {"seed": 1, "began_at": int(PAID_AT.timestamp()) - 10**8, "plans": [], "accounts": accounts}
    data.write_text(json.dumps(seed), encoding="utf-8")
    options = ["--data", str(data), "--state", str(folder / "localstripe.pickle")]
    served = start("payments", "rightsflow_sandbox.payments", options, folder / "paid.log", {"PAYMENTS_API_KEY": key})
    try:
        served.wait_until_ready("/v1/balance", time.monotonic() + 60)
        yield served.url, key
    finally:
        served.stop()


def _account(place: int, who: str, *, disputed: bool) -> dict[str, Any]:
    name, email, phone, _ = _PEOPLE[who]
    payment = {
        "charge": f"ch_{place:024x}",
        "intent": f"pi_{place:024x}",
        "amount": 4900,
        "paid_at": int(PAID_AT.timestamp()),
        "description": "Kettle",
        "order": f"ED-10000{place}",
        "refunded": 0,
        "refund": "",
        "dispute": f"dp_{place:024x}" if disputed else "",
    }
    return {
        "id": f"cus_{place:024x}",
        "customer_id": who,
        "name": name,
        "email": email,
        "phone": phone,
        "address": {"line1": "Street 1", "postal_code": "10115", "city": "Berlin", "country": "DE"},
        "card": f"pm_{place:024x}",
        "card_number": "4242424242424242" if place else "4000056655665556",
        "opened_at": int(PAID_AT.timestamp()) - 10**7,
        "payments": [payment],
        "bills": [],
        "contracts": [],
    }


def _record(s3: Any, bucket: str, sound: bytes, *, versions: bool, seconds: str) -> None:
    s3.create_bucket(Bucket=bucket)
    if versions:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name, who in (("anna", ANNA), ("boris", BORIS)):
        tagging = {"Tagging": f"{CARD_TAG}={seconds}"} if seconds else {}
        for _ in range(2 if versions else 1):
            s3.put_object(Bucket=bucket, Key=f"{name}.wav", Body=sound, Metadata={"customer": who}, **tagging)


def _redmine(database: PostgresDatabase, folder: Path) -> str:
    people = [
        {"key": who, "login": who, "first": name.split()[0], "last": name.split()[1], "emails": [email]}
        | {"phone": phone, "customer": who}
        for who, (name, email, phone, _) in _PEOPLE.items()
    ]
    issues = [
        {"author": who, "at": "2026-01-15T10:00:00Z", "subject": f"Kettle of {name}", "text": "It leaks."}
        | {"callback": phone, "files": [], "watchers": [], "notes": []}
        for who, (name, _, phone, _) in _PEOPLE.items()
    ]
    stored = folder / "attachments"
    stored.mkdir()
    Tickets(database, stored).fill({"people": people, "pages": [], "issues": issues})
    return operator.sql_section("tickets", tables.TICKETS, database, folder, stored, tables.PEOPLE_VIEW)
