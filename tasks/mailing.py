"""Mail what may be mailed of the outbox: acknowledgements, questions and notices, to people who wrote electronically.

The mail goes from this process to the mail server and never through Prefect. Answers and refusals are not mailed: a
person sends them, to a verified address.
"""

from __future__ import annotations

import logging

from connectors.mail import Mail, SmtpServer
from rightsflow.errors import Conflict, Misconfigured, Refused, RightsflowError, Transient
from rightsflow.identifiers import IdentifierKind
from rightsflow.letters import LetterId
from rightsflow.request import Channel
from rightsflow.store import CaseFile
from rightsflow.store.outbox import StoredLetter
from tasks.case_clock import would_stand
from tasks.runtime import Runtime
from tasks.sending import CLOCK_LETTERS, identity_is_open, mark_sent, promises_suspension

logger = logging.getLogger(__name__)

MAILED = (
    LetterId.ACKNOWLEDGEMENT,
    LetterId.IDENTITY_REQUEST,
    LetterId.CLARIFICATION,
    LetterId.EXTENSION,
)
"""What is mailed: it holds no data of the answer, and a person has decided on it or it is automatic by nature."""
NOT_MAILABLE = "LetterNotMailable"
"""The journal's word for a letter that the mail server will never take: somebody has to send it in another way."""
_CHANNELS = (Channel.EMAIL.value, Channel.WEB_FORM.value)
_AT_ONCE = 200
_BY = "rightsflow"


def mail_letters(current: Runtime) -> int:
    """Mail what has not gone out, of all open cases; returns how many letters went out.

    A mail server that does not answer, or is set up wrongly, ends the round; what is left goes with the next one.

    Args:
        current: The runtime.

    Raises:
        Transient: The case store does not answer.
    """
    mailed, last, letters = 0, "", [letter.value for letter in MAILED]
    try:
        server = _server(current)
        while server and (case_ids := current.store.cases_to_mail(letters, _CHANNELS, last, _AT_ONCE)):
            for case_id in case_ids:
                mailed += sum(_mail(case_id, letter, server, current) for letter in letters)
            last = case_ids[-1]
    except (Misconfigured, Transient) as error:
        if isinstance(error, Transient) and error.system != "mail":
            raise
        logger.warning("letters are mailed later: %s", error)
    return mailed


def try_to_mail(case_id: str, current: Runtime) -> frozenset[LetterId]:
    """Mail at once what was just written; what does not go out now goes with the watch's next round.

    Args:
        case_id: The case.
        current: The runtime.

    Returns:
        The letters that went out.
    """
    mailed: set[LetterId] = set()
    try:
        if server := _server(current):
            mailed.update(letter for letter in MAILED if _mail(case_id, letter.value, server, current))
    except RightsflowError as error:
        logger.warning("letters of %s are mailed later: %s", case_id, error)
    return frozenset(mailed)


def _mail(case_id: str, letter: str, server: SmtpServer, current: Runtime) -> bool:
    """Mail one letter, if it may be; returns whether it went out.

    Raises:
        Transient: The mail server or the case store does not answer.
    """
    with current.store.case_file(case_id) as file:
        to = _address(file) if _may_be_mailed(file, letter, current) else ""
        stored = file.outbox.claim(letter) if to else None
    if stored is None:
        return False
    try:
        server.send(_mail_of(case_id, stored, to, current))
    except (Refused, Transient) as error:
        _give_back(case_id, letter, error, current)
        if isinstance(error, Transient):
            raise
        return False
    try:
        with current.store.case_file(case_id) as file:
            mark_sent(file, current, letter, current.now(), by=_BY)
    except Conflict:
        logger.warning("letter %s of %s was mailed and was noted as sent by somebody else meanwhile", letter, case_id)
    return True


def _address(file: CaseFile) -> str:
    """The address that the request itself gave; empty if it gave none."""
    return next((one.value for one in file.identifiers.asked_with() if one.kind is IdentifierKind.EMAIL), "")


def _may_be_mailed(file: CaseFile, letter: str, current: Runtime) -> bool:
    """Whether the person wrote electronically, and the letter still says what is so."""
    if file.channel not in _CHANNELS or file.state.is_closed or not file.outbox.has(letter):
        return False
    if any(entry.event == NOT_MAILABLE and entry.details["letter"] == letter for entry in file.journal.entries()):
        return False
    now, kind = current.now(), CLOCK_LETTERS.get(letter)
    if letter == LetterId.EXTENSION:
        # A late notice extends nothing, and would promise the person a day that is none.
        return file.notice_due_on is not None and current.today <= file.notice_due_on
    if letter == LetterId.IDENTITY_REQUEST and not identity_is_open(file, now):
        return False
    controller = current.settings.controller
    return kind is None or promises_suspension(file, current, kind) == would_stand(file, controller, kind, now)


def _mail_of(case_id: str, letter: StoredLetter, to_email: str, current: Runtime) -> Mail:
    return Mail(
        to_email=to_email,
        subject=letter.subject_line,
        body=letter.body,
        # The letters ask to write to the owner; an answer to the mail has to arrive there too.
        headers={"Reply-To": current.settings.owners.case_owner.email},
        message_id=f"{case_id}.{letter.template_id}".lower(),
    )


def _give_back(case_id: str, letter: str, error: Refused | Transient, current: Runtime) -> None:
    logger.warning("letter %s of %s could not be mailed: %s", letter, case_id, error)
    with current.store.case_file(case_id) as file:
        file.outbox.give_back(letter)
        # A code of 4xx asks to come again later (RFC 5321, 4.2.1).
        if isinstance(error, Refused) and not error.status.startswith("4"):
            file.journal.append(NOT_MAILABLE, letter=letter, status=error.status)


def _server(current: Runtime) -> SmtpServer | None:
    """The server for letters, where there is one.

    Raises:
        Misconfigured: The secret for its login is missing.
    """
    config = current.settings.delivery.mail
    if config is None:
        return None
    return SmtpServer(
        host=config.host,
        port=config.port,
        security=config.security,
        username=config.username,
        password=config.password.reveal() if config.password else "",
        sender_email=config.sender,
        sender_name=current.settings.controller.name,
    )
