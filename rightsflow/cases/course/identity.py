"""Identity checks by a code to an address that a system had on file before the request. No address is stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import decide
from rightsflow.cases.facts.people import acting
from rightsflow.cases.step.limits import one_of_few
from rightsflow.documents.mails import code_mail
from rightsflow.domain import delivery
from rightsflow.domain.attribution import Candidate
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import BadInput, Conflict, ConnectorError
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityCheck, IdentityMethod, OnFile, Verdict
from rightsflow.domain.gates.identity import (
    CODE_DIGITS,
    IdentityCode,
    StatedMandate,
    code_to_check,
    masked,
    proves_all,
    read_code,
    read_mandate,
    refuse_another,
)
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.languages import notice_in
from rightsflow.domain.mail import Mail, MailTransport
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Fact, Located
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted, moment
from rightsflow.store import CaseFile

_MOST_LOOKED_AT: Final = 500
"""The largest number of records read per system: profiles first, so that a page need not wait for all calls."""
_LONGEST_WAIT: Final = 20.0
_NOT_OWN: Final = frozenset({Fact.MENTION, Fact.SHARED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOnFile:
    """An e-mail address that a system had on file before the request.

    Args:
        system: The system.
        since: The day of the record that names it; ``None`` where the system gives none.
        address: The address.
        choice: What stands for it on a page.
    """

    system: str
    since: date | None
    address: str = field(repr=False)
    choice: str

    @property
    def masked(self) -> str:
        """The address, of which only the beginnings are seen."""
        return masked(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnFileAnswer:
    """The systems' answer.

    Args:
        addresses: The addresses a code can be sent to.
        too_new: How many are left out since they came on file on the day of the request or after it.
        of_others: How many are left out since the request names what does not hang together with them.
        silent: The systems that did not answer.
    """

    addresses: tuple[AddressOnFile, ...] = ()
    too_new: int = 0
    of_others: int = 0
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """The request's identifiers, and the day it was received in the controller's zone."""

    case_id: str
    identifiers: Identifiers
    received_on: date


def addresses_on_file(app: App, case_id: str, *, by: str) -> OnFileAnswer:
    """Ask the systems which e-mail addresses they have on file for who asks; that they were asked is noted.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who asks.

    Raises:
        BadInput: There is no such case.
        Conflict: Identity was decided already, or the case is closed.
    """
    asker = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        asked = _asked(file, app)
    located, silent = _located(app, asked)
    answer = _answer(app, asked, located, silent)
    with app.store.case_file(case_id) as file:
        file.ledger.append(
            CaseEvent.ADDRESSES_LOOKED_UP,
            actor=asker,
            systems=[connector for connector in app.connectors if connector not in silent],
            addresses=len(answer.addresses),
        )
    return answer


def refuse_unknown_there(app: App, case_id: str, held_by: str) -> None:
    """Refuse a check against something on file in a system that knows no one of the request's identifiers.

    A system that does not answer, or cannot search by them, says nothing; ``held_by`` may be no system at all.

    Raises:
        BadInput: The system holds nothing of who asks.
    """
    connector = app.connectors.get(held_by)
    with app.store.case_file(read_case_id(case_id)) as file:
        asked = _asked(file, app)
    if connector is None or not {item.kind.value for item in asked.identifiers} & connector.capabilities.searches:
        return
    with suppress(ConnectorError, TimeoutError):
        if not _found(app, connector, asked):
            raise BadInput(
                f"{held_by} holds nothing of the person by what the request names, so nothing on file there proves who "
                "they are; correct the identifiers, or say where else it is on file.",
                about="held_by",
            )


def reveal_address(app: App, case_id: str, choice: str, *, by: str, reason: str) -> str:
    """Show an address on file in clear, which is noted as every look at personal data is.

    Args:
        app: What it works with.
        case_id: The case.
        choice: What stands for the address.
        by: Who looks.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case.
        Conflict: It is not on file any more.
    """
    address = _chosen(addresses_on_file(app, case_id, by=by), choice)
    with app.store.case_file(case_id) as file:
        file.note_reveal(by=by, reason=reason)
    return address.address


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOnFile:
    """A telephone number or e-mail address that a system had on file before the request, in clear.

    Args:
        system: The system.
        kind: What it is.
        value: It itself.
        since: The day of the record that names it; ``None`` where the system gives none.
    """

    system: str
    kind: IdentifierKind
    value: str = field(repr=False)
    since: date | None


def contacts_on_file(app: App, case_id: str, *, by: str) -> tuple[list[ContactOnFile], tuple[str, ...]]:
    """Return the numbers to call back and the addresses on file, and the systems that did not answer.

    Only those that hang together with everything the request names, and were on file before it. The caller notes the
    look, since the values are shown in clear.

    Args:
        app: What it works with.
        case_id: The case.
        by: Who asks.

    Raises:
        BadInput: There is no such case.
        Conflict: Identity was decided already, or the case is closed.
    """
    asker = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        asked = _asked(file, app)
    located, silent = _located(app, asked)
    found: dict[tuple[str, Identifier], date | None] = {}
    for kind in (IdentifierKind.PHONE, IdentifierKind.EMAIL):
        found |= _provable(located, asked, kind).on_file
    with app.store.case_file(case_id) as file:
        file.ledger.append(
            CaseEvent.ADDRESSES_LOOKED_UP,
            actor=asker,
            systems=[connector for connector in app.connectors if connector not in silent],
            addresses=len(found),
        )
    contacts = [
        ContactOnFile(system=system, kind=item.kind, value=item.value, since=since)
        for (system, item), since in found.items()
    ]
    return contacts, silent


def _chosen(answer: OnFileAnswer, choice: str) -> AddressOnFile:
    """Return the address that was chosen."""
    chosen = next((address for address in answer.addresses if address.choice == choice), None)
    if chosen is None:
        raise Conflict("The address is not on file any more, or its system does not answer; look it up again.")
    return chosen


def _refuse_decided(file: CaseFile) -> None:
    """Refuse to check the identity of a case that is past that."""
    if file.state.is_settled or file.decisions.at(Gate.IDENTITY) is not None:
        raise Conflict(f"Identity was decided already, or {file.case_id} is closed; there is nothing to check.")


def _asked(file: CaseFile, app: App) -> _Asked:
    _refuse_decided(file)
    given = frozenset(identifier for identifier in file.identifiers.asked_with() if identifier.is_searchable)
    received_on = file.received_at.astimezone(app.settings.controller.zone).date()
    return _Asked(file.case_id, given, received_on)


def _located(app: App, asked: _Asked) -> tuple[list[Located], tuple[str, ...]]:
    located: list[Located] = []
    silent: list[str] = []
    kinds = {identifier.kind.value for identifier in asked.identifiers}
    for system, connector in app.connectors.items():
        if not kinds & connector.capabilities.searches:
            continue
        try:
            located += _found(app, connector, asked)
        except (ConnectorError, TimeoutError):
            silent.append(system)
    return located, tuple(silent)


def _found(app: App, connector: Connector, asked: _Asked) -> list[Located]:
    with one_of_few(app, connector.system, asked.case_id, _LONGEST_WAIT):
        located = islice(connector.locate(asked.identifiers), _MOST_LOOKED_AT)
        # Whose a record is that belongs to another one, it does not say alone.
        return [identifier for identifier in located if not identifier.belongs_to and not identifier.is_context]


@dataclass(frozen=True, slots=True)
class _Provable:
    """Contacts on file by system, with the first day; those filed too late, and those of others."""

    on_file: dict[tuple[str, Identifier], date | None]
    too_new: set[Identifier]
    of_others: set[Identifier]


def _provable(located: Sequence[Located], asked: _Asked, kind: IdentifierKind) -> _Provable:
    candidates = [Candidate(key=str(number), owner=element.owner) for number, element in enumerate(located)]
    provable = _Provable({}, set(), set())
    for entry in located:
        for contact in _contacts(entry, kind):
            if not _is_proved(contact, entry, asked, candidates):
                provable.of_others.add(contact)
            elif entry.occurred_on is not None and entry.occurred_on >= asked.received_on:
                provable.too_new.add(contact)
            else:
                key = (entry.record.system, contact)
                provable.on_file[key] = _earlier(provable.on_file.get(key), entry.occurred_on)
    return provable


def _is_proved(contact: Identifier, entry: Located, asked: _Asked, candidates: Sequence[Candidate]) -> bool:
    """Return whether a contact hangs together with all that the request names; a number by what stands beside it."""
    by = [contact] if contact.is_strong else sorted(item for item in entry.owner if item.is_strong)
    return bool(by) and all(proves_all(item, asked.identifiers, candidates) for item in by)


def _answer(app: App, asked: _Asked, located: Sequence[Located], silent: tuple[str, ...]) -> OnFileAnswer:
    provable = _provable(located, asked, IdentifierKind.EMAIL)
    with app.store.case_file(asked.case_id) as file:
        choice = file.identity_codes.choice
        addresses = tuple(
            AddressOnFile(system=system, since=since, address=element.value, choice=choice(system, element.value))
            for (system, element), since in sorted(provable.on_file.items(), key=lambda item: item[0])
        )
    new = provable.too_new - {element for _, element in provable.on_file}
    return OnFileAnswer(addresses=addresses, too_new=len(new), of_others=len(provable.of_others), silent=silent)


def _contacts(located: Located, kind: IdentifierKind) -> list[Identifier]:
    """Return the contacts by which a record names its person; a mention in another person's record does not count."""
    return [] if located.facts & _NOT_OWN else [each for each in sorted(located.owner) if each.kind is kind]


def _earlier(value: date | None, other: date | None) -> date | None:
    return min(filter(None, (value, other)), default=None)


class GivenBack(StrEnum):
    """The way in which the person returned a code."""

    PHONE = "on the telephone"
    REPLY = "by an answer to the mail"
    IN_PERSON = "in person"
    OTHER = "in another way"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView:
    """The codes as a page shows them.

    Args:
        last: The last code that was sent; ``None`` for none.
        can_send: Whether there is a mail server that sends them.
    """

    last: IdentityCode | None
    can_send: bool


def codes_of(app: App, case_id: str) -> CodeView:
    """Return the view of a case's codes.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        codes = file.identity_codes.all()
    return CodeView(last=codes[-1] if codes else None, can_send=app.settings.delivery.mail is not None)


def send_identity_code(app: App, case_id: str, choice: str, *, since: date | None = None, by: str) -> str:
    """Send a code to an address on file; returns in a sentence where it went and how long it counts.

    Args:
        app: What it works with.
        case_id: The case.
        choice: What stands for the address, as :func:`addresses_on_file` gave it.
        since: Since when it is on file, where the system gives no day, as a person saw it there.
        by: Who sends it.

    Raises:
        BadInput: There is no such case, or the day is missing or not before the request.
        Conflict: There is no mail server, it did not take the mail, too many codes were sent, the address is not on
            file any more, or identity was decided.
    """
    sender, server = acting(app, by, case_id), _server(app)
    address = _chosen(addresses_on_file(app, case_id, by=sender), choice)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    with app.store.case_file(read_case_id(case_id)) as file:
        _refuse_decided(file)
        received_on = file.received_at.astimezone(app.settings.controller.zone).date()
        refuse_another(file.identity_codes.all(), app.now())
        made = file.identity_codes.make(
            code, system=address.system, since=_since(address, since, received_on), address=address.address, by=sender
        )
        mail = _mail(app, file.case_id, code, made, address.address, file.language.tag)
    _send(app, case_id, made, mail, server)
    ends = moment(made.ends_at, app.settings.controller.zone)
    return f"The code was sent to the address on file in {address.system}; it counts once, until {ends}."


def check_identity_code(
    app: App,
    case_id: str,
    typed: str,
    given_back: str,
    *,
    by: str,
    mandate: StatedMandate | None = None,
    proof_at: datetime | None = None,
) -> None:
    """Take the code that the person gave back, and confirm identity by it.

    Args:
        app: What it works with.
        case_id: The case.
        typed: The code, as typed.
        given_back: How the person gave it back; one of :class:`GivenBack`.
        by: Who took it.
        mandate: Who asks for the person, as typed; ``None`` where the person asks.
        proof_at: When it was given back (aware), where the clock was suspended until then; now by default.

    Raises:
        BadInput: It is not the code that was sent, which is counted and noted; or something is missing.
        Conflict: There is no code that counts, or identity was decided.
    """
    taker, digits = acting(app, by, case_id), read_code(typed)
    if given_back not in set(GivenBack):
        raise BadInput("How the person gave the code back is missing; choose it.")
    representative = read_mandate(mandate, app.today) if mandate else None
    with app.store.case_file(read_case_id(case_id)) as file:
        _refuse_decided(file)
        sent, now = code_to_check(file.identity_codes.all(), app.now()), app.now()
        is_right = file.identity_codes.is_right(sent, digits)
        if is_right:
            check = IdentityCheck(
                done=f"The code that the software sent to the address on file was given back {given_back}.",
                at=now,
                against=OnFile.EMAIL,
                held_by=sent.system,
                on_file_since=sent.on_file_since,
                representative=representative,
            )
            file.ledger.append(CaseEvent.IDENTITY_CODE_ACCEPTED, actor=taker, number=sent.number, given_back=given_back)
            decide(file, _confirmed(check, taker, proof_at), app)
        else:
            file.ledger.append(
                CaseEvent.IDENTITY_CODE_REJECTED, actor=taker, number=sent.number, attempt=sent.failures + 1
            )
    if not is_right:
        # Outside of the transaction, which has to keep that it was tried.
        raise BadInput(_not_right(sent.attempts_left - 1))


def _confirmed(check: IdentityCheck, by: str, proof_at: datetime | None) -> Decision:
    return Decision(
        gate=Gate.IDENTITY,
        verdict=Verdict.CONFIRMED,
        by=by,
        method=IdentityMethod.CODE,
        check=check,
        proof_at=proof_at,
    )


def _not_right(left: int) -> str:
    if not left:
        return "That is not the code that was sent, and it was tried too often; send another one. The attempt is noted."
    return f"That is not the code that was sent; {counted(left, 'attempt')} left. This one is noted."


def _since(found: AddressOnFile, stated: date | None, received_on: date) -> date:
    since = found.since or stated
    if since is None:
        raise BadInput("The system gives no day for this address; say since when it is on file there.")
    if since >= received_on:
        raise BadInput("The address has to be on file since before the day of the request, or it proves nothing.")
    return since


def _server(app: App) -> MailTransport:
    config = app.settings.delivery.mail
    if config is None:
        raise Conflict("There is no mail server to send a code by; name one in [delivery.mail] of rightsflow.toml.")
    return app.open_mail(config, app.settings.controller.name)


def _mail(app: App, case_id: str, code: str, made: IdentityCode, address: str, language: str) -> Mail:
    controller, owner = app.settings.controller, app.settings.owners.case_owner
    subject, body = code_mail(
        case_id=case_id,
        code=code,
        controller=controller.name,
        contact=owner.email,
        ends=moment(made.ends_at, controller.zone),
        language_note=notice_in(language, controller.help_languages),
    )
    return Mail(
        to_email=address,
        subject=subject,
        body=body,
        headers={"Reply-To": owner.email},
        message_id=f"{case_id}.code{made.number}".lower(),
    )


def _send(app: App, case_id: str, made: IdentityCode, mail: Mail, server: MailTransport) -> None:
    try:
        taken = server.send(mail)
    except ConnectorError as error:
        with app.store.case_file(case_id) as file:
            file.ledger.append(CaseEvent.IDENTITY_CODE_NOT_SENT, number=made.number, status=error.status)
        raise Conflict(f"The mail server did not take the code: {error}. Nothing was sent.") from None
    with app.store.case_file(case_id) as file:
        how = delivery.mailed(taken.code, taken.text)
        file.ledger.append(
            CaseEvent.IDENTITY_CODE_SENT, number=made.number, smtp_code=how.smtp_code, queue_id=how.queue_id
        )
