"""Identity checks by a code to an address that a system had on file before the request. No address is stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from rightsflow.cases.app import App
from rightsflow.cases.course.contacts_on_file import AddressOnFile, addresses_on_file, chosen_address, refuse_decided
from rightsflow.cases.course.gates.gates import decide
from rightsflow.cases.facts.people import acting
from rightsflow.documents.mails import code_mail
from rightsflow.domain import delivery
from rightsflow.domain.errors import BadInput, Conflict, ConnectorError
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityCheck, IdentityMethod, OnFile, Verdict
from rightsflow.domain.gates.identity import (
    CODE_DIGITS,
    IdentityCode,
    StatedMandate,
    code_to_check,
    read_code,
    read_mandate,
    refuse_another,
)
from rightsflow.domain.languages import notice_in
from rightsflow.domain.mail import Mail, MailTransport
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted, moment


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
    address = chosen_address(addresses_on_file(app, case_id, by=sender), choice)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_decided(file)
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
        refuse_decided(file)
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
