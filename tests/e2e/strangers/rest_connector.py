"""A connector for django-helpdesk's REST API, as a person outside the project would write one.

The API has no search: a filter that it does not know is ignored, and the answer is everybody's tickets. So what it
lists is a claim, and a ticket or a message counts only if it carries an address of the person.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from connectors.http import HttpClient, Patience
from rightsflow.domain.connector import Capabilities, Health, RecordKind, Sample
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind, parse_leniently
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    DocumentClass,
    Fact,
    Located,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
    RecordRef,
)

TICKET, MESSAGE = "ticket", "message"
_ADDRESS = re.compile(r"\S+@\S+")
Answered: TypeAlias = Mapping[str, Any]
"""What the API answered, as JSON; nothing says which fields there are."""
_CATEGORY = "service tickets"


@dataclass(frozen=True)
class Login:
    """Basic authentication.

    Args:
        name: The account.
        password: Its password.
    """

    name: str
    password: str

    def header(self) -> str:
        """What goes with each call."""
        return "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode()

    def renew(self) -> bool:
        """Nothing: a password does not end."""
        return False


class HelpdeskRest:
    """One helpdesk.

    Args:
        system: Its name in the configuration.
        base_url: Its address.
        login: What proves who calls.
        patience: Time limits and retries.
    """

    def __init__(self, system: str, base_url: str, login: Login, patience: Patience | None = None) -> None:
        self._system = system
        self._base_url = base_url
        self._http = HttpClient(system, base_url, credentials=login, patience=patience)

    def __repr__(self) -> str:
        return f"<HelpdeskRest {self._system}>"

    @property
    def system(self) -> str:
        """The name in the configuration."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """What it can search by, and do to tickets and messages."""
        both = frozenset({Method.ERASE})
        return Capabilities(
            kinds=(
                RecordKind(name=MESSAGE, title="messages", methods=both, document=DocumentClass.NONE),
                RecordKind(
                    name=TICKET,
                    title="tickets",
                    methods=frozenset({Method.ERASE, Method.REDACT}),
                    document=DocumentClass.NONE,
                ),
            ),
            searches=frozenset({IdentifierKind.EMAIL.value}),
            cannot_find=("Names and addresses that stand only within the text of a message are not found.",),
        )

    def probe(self) -> Health:
        """Whether tickets can be listed."""
        try:
            self._get("probe", "/api/tickets/")
        except RightsflowError as error:
            return Health(ok=False, detail=str(error.args[0]))
        return Health(ok=True, detail="The API answers, and tickets can be listed.")

    def samples(self) -> Iterator[Sample]:
        """Whether the addresses of the first tickets can be read."""
        tickets = self._get("samples", "/api/tickets/")["results"]
        read = sum(bool(_emails(one["submitter_email"])) for one in tickets)
        yield Sample(what="tickets with a submitter_email", looked_at=len(tickets), readable=read)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Look through what the API lists, and believe none of it without an address of the person."""
        given: set[RecordRef] = set()
        for email in of_kind(known, IdentifierKind.EMAIL):
            for ticket in self._listed("locate", "/api/tickets/", submitter_email=email):
                for located in self._located(ticket, known):
                    if located.record not in given:
                        given.add(located.record)
                        yield located

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """What the system holds of the person, record by record."""
        for ref in refs:
            found = self._read("extract", ref)
            if found is None or not self._is_named(ref.kind, found, known):
                continue
            columns = ("id", "title", "description") if ref.kind == TICKET else ("id", "title", "comment", "date")
            yield Document(record=ref, category=_CATEGORY, content={name: found[name] for name in columns})
            for file in found.get("followupattachment_set", ()) if ref.kind == MESSAGE else ():
                yield self._blob(ref, file)

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Removes messages and tickets, or blackens them."""
        for ref in refs:
            found = self._read("erase", ref)
            is_named = found is not None and self._is_named(ref.kind, found, known)
            if found is not None and method is Method.REDACT:
                if is_named:
                    blank = {"title": "Erased", "description": "", "submitter_email": ""}
                    self._http.call("erase", "PATCH", _path(ref), body=blank, allow=(404,))
                yield Outcome(record=ref, kind=OutcomeKind.REDACTED)
            elif found is None or not is_named:
                yield Outcome(record=ref, kind=OutcomeKind.ERASED)
            elif ref.kind == TICKET and self._is_shared(found, known):
                # The API would take everybody's messages along.
                reason = "Other people have written in the ticket meanwhile; it was left as it is."
                yield Outcome(record=ref, kind=OutcomeKind.FAILED, reason=reason, refused=True)
            else:
                self._http.call("erase", "DELETE", _path(ref), allow=(404,))
                yield Outcome(record=ref, kind=OutcomeKind.ERASED)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Whether records still name the person, read afresh."""
        for ref in refs:
            try:
                found = self._read("presence", ref)
            except RightsflowError as error:
                yield Presence(record=ref, state=PresenceState.UNKNOWN, detail=str(error.args[0]))
                continue
            there = found is not None and self._is_named(ref.kind, found, known)
            yield Presence(record=ref, state=PresenceState.PRESENT if there else PresenceState.ABSENT)

    def _located(self, ticket: Answered, known: Identifiers) -> Iterator[Located]:
        ref = RecordRef(self._system, TICKET, str(ticket["id"]))
        if self._is_named(TICKET, ticket, known):
            yield Located(
                record=ref,
                category=_CATEGORY,
                owner=_emails(ticket["submitter_email"]),
                facts=frozenset({Fact.SHARED} if self._is_shared(ticket, known) else ()),
            )
        for message in ticket["followup_set"]:
            if self._is_named(MESSAGE, message, known):
                yield Located(
                    record=RecordRef(self._system, MESSAGE, str(message["id"])),
                    category=_CATEGORY,
                    owner=_emails(message["title"]),
                )

    def _is_named(self, kind: str, found: Answered, known: Identifiers) -> bool:
        """Whether a record carries an address of the person in the field that says whose it is."""
        return bool(_emails(found["submitter_email" if kind == TICKET else "title"]) & known)

    def _is_shared(self, ticket: Answered, known: Identifiers) -> bool:
        return any(not self._is_named(MESSAGE, one, known) for one in ticket["followup_set"])

    def _blob(self, ref: RecordRef, file: Answered) -> Blob:
        address = str(file["file"])
        url = address if "://" in address else self._base_url + address
        return Blob(
            record=ref,
            category=_CATEGORY,
            name="attachment",
            media_type=str(file["mime_type"]),
            open=lambda: self._http.stream("extract", url),
        )

    def _read(self, operation: str, ref: RecordRef) -> Answered | None:
        response = self._http.call(operation, "GET", _path(ref), allow=(404,))
        return None if response.status_code == 404 else self._http.json(operation, response)

    def _listed(self, operation: str, path: str, **asked: str) -> Iterator[Answered]:
        """All pages; the last one says that it is."""
        number = 1
        while True:
            page = self._get(operation, path, page=str(number), **asked)
            yield from page["results"]
            if page["next"] is None:
                return
            number += 1

    def _get(self, operation: str, path: str, **asked: str) -> Answered:
        return self._http.json(operation, self._http.call(operation, "GET", path, params=asked))


class Believing(HelpdeskRest):
    """The same by an author who believes that the API searches: what it lists is the person's."""

    def _located(self, ticket: Answered, known: Identifiers) -> Iterator[Located]:
        for located in super()._located(ticket, known):
            yield replace(located, owner=known)

    def _is_named(self, kind: str, found: Answered, known: Identifiers) -> bool:
        return True


def _path(ref: RecordRef) -> str:
    return f"/api/{'tickets' if ref.kind == TICKET else 'followups'}/{ref.ref}/"


def _emails(text: str | None) -> Identifiers:
    read = (parse_leniently(IdentifierKind.EMAIL, one) for one in _ADDRESS.findall(text or ""))
    return frozenset(one for one in read if one)
