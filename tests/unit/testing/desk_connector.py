"""A connector for the desk of the tutorial, as an author outside the project would write it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from rightsflow.domain.attribution import claims
from rightsflow.domain.connector import Capabilities, Health, RecordKind, Sample
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.errors import Misconfigured, Permanent, RightsflowError, Transient
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.vocabulary.records import (
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

Row: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[int, Row]
Call: TypeAlias = Callable[[str, str, Mapping[str, Any]], Answer]

TICKET, CUSTOMER = "ticket", "customer"
STAFF = "staff"
_FIELDS = {IdentifierKind.EMAIL: "email", IdentifierKind.PHONE: "phone", IdentifierKind.CUSTOMER_ID: "number"}
_CATEGORY = {TICKET: "service tickets", CUSTOMER: "customers"}
_log = logging.getLogger("rightsflow.example_desk")


class DeskConnector:
    """One desk.

    Args:
        system: Its name in the configuration.
        call: Makes a call: method, path and what is given; returns status and JSON.
    """

    order = (TICKET, CUSTOMER)
    searches = tuple(_FIELDS)

    def __init__(self, system: str, call: Call) -> None:
        self._system = system
        self._call = call

    def __repr__(self) -> str:
        return f"<DeskConnector {self._system}>"

    @property
    def system(self) -> str:
        """The name in the configuration."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """Tickets are redacted, and customers erased after them."""
        methods = {TICKET: frozenset({Method.REDACT}), CUSTOMER: frozenset({Method.ERASE})}
        kinds = (
            RecordKind(name=one, title=_CATEGORY[one], methods=methods[one], document=DocumentClass.NONE)
            for one in self.order
        )
        return Capabilities(kinds=tuple(kinds), searches=frozenset(one.value for one in self.searches))

    def probe(self) -> Health:
        """Whether customers can be listed."""
        try:
            self.page("probe", "/customers", {}, 0)
        except RightsflowError as error:
            return Health(ok=False, detail=str(error.args[0]))
        return Health(ok=True, detail="The desk answers.")

    def samples(self) -> Iterator[Sample]:
        """Whether the addresses of the first customers can be read."""
        rows, _ = self.page("samples", "/customers", {}, 0)
        read = sum(bool(parse_leniently(IdentifierKind.EMAIL, one["email"])) for one in rows)
        yield Sample(what="customers with an e-mail address", looked_at=len(rows), readable=read)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """Customers who carry what was asked for, and the tickets of those who are the subject."""
        found: dict[int, Row] = {}
        for asked in sorted(one for one in known if one.kind in self.searches):
            for customer in self.listed("locate", "/customers", {_FIELDS[asked.kind]: asked.value}):
                if self.is_hit(customer, asked):
                    found[customer["id"]] = customer
        for customer in found.values():
            yield from self.located(customer, known)

    def located(self, customer: Row, known: Identifiers) -> Iterator[Located]:
        """A customer, with the tickets if they are the subject's."""
        ref, owner = self.ref(CUSTOMER, customer), self.owner_of(customer)
        yield Located(record=ref, category=_CATEGORY[CUSTOMER], owner=owner)
        if not claims(owner, known):
            return
        for ticket in self.listed("locate", "/tickets", {"customer": customer["id"]}):
            if self.is_of(ticket, customer):
                facts = frozenset({Fact.SHARED} if self.is_shared(ticket, owner) else ())
                yield Located(record=self.ref(TICKET, ticket), category=_CATEGORY[TICKET], via=ref, facts=facts)

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Customers, and tickets with what the subject and staff wrote."""
        for ref in refs:
            row = self.read("extract", ref)
            if row is None or not self.is_the_subjects("extract", ref, row, known):
                continue
            content = self.content_of(row) if ref.kind == CUSTOMER else self.ticket_content(row, known)
            yield Document(record=ref, category=_CATEGORY[ref.kind], content=content)

    def content_of(self, customer: Row) -> Row:
        """What is given of a customer."""
        return customer

    def ticket_content(self, ticket: Row, known: Identifiers) -> Row:
        """What is given of a ticket."""
        messages = self.messages("extract", ticket)
        given = [one["text"] for one in messages if one["author"] == STAFF or self.wrote(one, known)]
        return {"subject": ticket["subject"], "messages": given}

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Each record is read again before it is changed."""
        done = OutcomeKind.REDACTED if method is Method.REDACT else OutcomeKind.ERASED
        for ref in refs:
            row = self.read("erase", ref)
            if row is not None and self.is_the_subjects("erase", ref, row, known):
                self.remove(ref, row, known)
            yield Outcome(record=ref, kind=done)

    def remove(self, ref: RecordRef, row: Row, known: Identifiers) -> None:
        """Take the subject out of a record."""
        if ref.kind == CUSTOMER:
            self.send("DELETE", self.path(ref), {})
            return
        for message in self.messages("erase", row):
            if self.wrote(message, known):
                self.send("PATCH", f"{self.path(ref)}/messages/{message['id']}", {"text": "", "author": ""})
        # With a customer the desk removes the tickets, also where others wrote in them.
        self.send("PATCH", self.path(ref), {"subject": "", "customer": 0})

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """What a fresh read shows."""
        for ref in refs:
            row = self.read("presence", ref)
            if row is None:
                yield left(ref, ())
            elif self.is_the_subjects("presence", ref, row, known):
                yield Presence(record=ref, state=PresenceState.PRESENT, detail="It is still there.")
            else:
                yield left(ref, self.left_in(ref, row, known))

    def left_in(self, ref: RecordRef, row: Row, known: Identifiers) -> tuple[str, ...]:
        """The fields of a record that is no longer the subject's which lead back to them."""
        if ref.kind == CUSTOMER:
            return ()
        written = {one["author"] for one in self.messages("presence", row)}
        return fields_left({**row, "authors": sorted(written)}, ResidueTrail(known=known))

    # -- whose a record is -----------------------------------------------------------------------------------------

    def owner_of(self, customer: Row) -> Identifiers:
        """By what a customer is named."""
        texts = [(kind, customer[name]) for kind, name in _FIELDS.items()] + [(IdentifierKind.NAME, customer["name"])]
        return frozenset(one for kind, text in texts if (one := parse_leniently(kind, text)))

    def is_hit(self, customer: Row, asked: Identifier) -> bool:
        """Whether a customer that the desk listed carries what was asked for."""
        return asked in self.owner_of(customer)

    def is_of(self, ticket: Row, customer: Row) -> bool:
        """Whether a ticket that the desk listed is of the customer."""
        return bool(ticket["customer"] == customer["id"])

    def is_shared(self, ticket: Row, owner: Identifiers) -> bool:
        """Whether other people than customer and staff wrote in it."""
        messages = self.messages("locate", ticket)
        return any(one["author"] not in {STAFF, ""} and not self.wrote(one, owner) for one in messages)

    def is_the_subjects(self, operation: str, ref: RecordRef, row: Row, known: Identifiers) -> bool:
        """Whether a record that was located earlier is still the subject's."""
        if ref.kind == CUSTOMER:
            return claims(self.owner_of(row), known)
        if not row["customer"]:
            return False
        customer = self.read(operation, RecordRef(self._system, CUSTOMER, str(row["customer"])))
        return customer is not None and claims(self.owner_of(customer), known)

    def wrote(self, message: Row, known: Identifiers) -> bool:
        """Whether the subject wrote a message."""
        return parse_leniently(IdentifierKind.EMAIL, message["author"]) in known

    # -- calls -----------------------------------------------------------------------------------------------------

    def ref(self, kind: str, row: Row) -> RecordRef:
        """Where a record is."""
        return RecordRef(self._system, kind, str(row["id"]))

    def path(self, ref: RecordRef) -> str:
        """The path of a record."""
        return f"/{ref.kind}s/{ref.ref}"

    def messages(self, operation: str, ticket: Row) -> list[Row]:
        """All messages of a ticket."""
        return list(self.listed(operation, f"/tickets/{ticket['id']}/messages", {}))

    def listed(self, operation: str, path: str, asked: Row) -> Iterator[Row]:
        """A list to its end."""
        number, more = 0, True
        while more:
            rows, more = self.page(operation, path, asked, number)
            yield from rows
            number += 1

    def page(self, operation: str, path: str, asked: Row, number: int) -> tuple[list[Row], bool]:
        """One page of a list, and whether there are more."""
        status, body = self._call("GET", path, {**asked, "page": number})
        self.check(operation, status)
        return body["results"], body["more"]

    def read(self, operation: str, ref: RecordRef) -> Row | None:
        """A record by a fresh read; ``None`` if it is gone."""
        status, body = self._call("GET", self.path(ref), {})
        if status == 404:
            return None
        self.check(operation, status)
        return body

    def send(self, method: str, path: str, given: Row) -> None:
        """Change something."""
        status, _ = self._call(method, path, given)
        self.check("erase", status)

    def check(self, operation: str, status: int) -> None:
        """Raise what a status means."""
        _log.info("%s %s %s", self._system, operation, status)
        if status == 401:
            raise Misconfigured("The desk refuses the token; put a valid one into the key token.")
        where = {"system": self._system, "operation": operation, "status": str(status)}
        if status >= 500:
            raise Transient("The desk does not answer; it is tried again.", **where)
        if status >= 400:
            raise Permanent("The desk refuses a call; give the token the right to read it.", **where)
