"""The conversation of a case: what is said in it, whom a note may name, and which message may be an answer. Pure.

Messages come from the person; notes are between colleagues, and are the controller's own record of the handling.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.processors.files import check_documents
from rightsflow.domain.vocabulary.file_kinds import ProofFile, kind_of_file
from rightsflow.domain.wording import listed

MOST_CHARACTERS: Final = 10_000
"""Largest length of a message or a note."""
_LONGEST_NAME: Final = 120
_NAMED: Final = re.compile(r"(?<![\w.@+-])@(\w[\w.-]*)")
"""Pattern of a colleague's key after @; an e-mail address has a letter before its @."""


class ContributionKind(StrEnum):
    """The kind of a contribution to a conversation."""

    REQUEST = "request"
    MESSAGE = "message"
    COMPLAINT = "complaint"
    WITHDRAWAL = "withdrawal"
    LETTER = "letter"
    NOTE = "note"

    @property
    def is_from_person(self) -> bool:
        """True if the person, or someone for them, said it."""
        return self not in {ContributionKind.LETTER, ContributionKind.NOTE}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """A file of a message, without its content.

    Args:
        number: Its number within the message.
        kind: What kind of file it is, by its content.
        sha256: Its SHA-256, in hexadecimal.
        size: How many bytes it has.
        name: The sender's name for it; empty while it is not revealed.
    """

    number: int
    kind: ProofFile
    sha256: str
    size: int
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """A contribution to a conversation; its text is ``None`` while it is not revealed.

    Args:
        kind: Its kind.
        at: When it arrived, went out or was written (aware).
        by: Who recorded, sent or wrote it; empty where that is not known.
        number: Of a message or note, its number within the case; otherwise 0.
        letter: Of a letter, which one; otherwise empty.
        is_sent: Of a letter, whether it went out.
        files: Its files.
        named: The keys of the colleagues whom a note names.
        is_answer: Whether it was recorded as the person's answer to what they were asked.
        is_removed: Whether its content was removed.
        subject: Of a letter, its subject line.
        text: What it says.
    """

    kind: ContributionKind
    at: datetime
    by: str = ""
    number: int = 0
    letter: str = ""
    is_sent: bool = True
    files: Sequence[AttachedFile] = ()
    named: Collection[str] = ()
    is_answer: bool = False
    is_removed: bool = False
    subject: str = field(default="", repr=False)
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadNote:
    """A note that a colleague whom it names has not read.

    Args:
        number: Its number within the case.
        person: The colleague's key.
        by: The name of its author.
        at: When it was written (aware).
    """

    number: int
    person: str
    by: str
    at: datetime


def in_order(entries: Iterable[Contribution]) -> list[Contribution]:
    """Return contributions in the order of time; of the same instant the request comes first, then as given."""
    return sorted(entries, key=lambda entry: (entry.at, entry.kind is not ContributionKind.REQUEST))


def read_text(typed: str, what: str) -> str:
    """Return a text as it is stored.

    Args:
        typed: As it was typed.
        what: What it is, for the error, such as ``The note``.

    Raises:
        BadInput: It is too long.
    """
    text = "\n".join(line.rstrip() for line in typed.strip().splitlines())
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"{what} is longer than {MOST_CHARACTERS:,} characters; shorten it, or attach it as a file.")
    return text


def read_file_name(name: str) -> str:
    """Return a file name without folders and without characters that are not seen, such as marks of direction.

    Args:
        name: The sender's name for the file.
    """
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(part for part in bare if part.isprintable()).strip(". ")[-_LONGEST_NAME:] or "file"


def check_files(contents: Sequence[bytes]) -> list[ProofFile]:
    """Return the kinds of a message's files, by their content.

    Args:
        contents: The files.

    Raises:
        BadInput: One is empty or of a kind that is not accepted, or there are too many, or they are too large.
    """
    check_documents(contents)
    return [kind_of_file(content) for content in contents]


def arrival(on: date | None, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant at which a message arrived: the end of its day, or now if that is today.

    Args:
        on: The day of its arrival, in the controller's zone; ``None`` for today.
        now: The present instant (aware).
        zone: The controller's zone.

    Raises:
        BadInput: The day is in the future.
    """
    today = now.astimezone(zone).date()
    if on is not None and on > today:
        raise BadInput("The message cannot have arrived in the future; check the day.")
    return now if on is None else min(end_of_day(on, zone), now)


def named_in(text: str, readers: Mapping[str, str], by: str) -> tuple[str, ...]:
    """Return the keys of the colleagues whom a note names with @, in its order; its author is not among them.

    Args:
        text: The note.
        readers: The people who may read it: key and name; empty where no one signs in, and no one is notified.
        by: The name of its author.

    Raises:
        BadInput: A name is no such colleague's; nothing of the note is quoted.
    """
    if not readers:
        return ()
    keys = dict.fromkeys(found.casefold().rstrip(".-") for found in _NAMED.findall(text))
    if keys.keys() - readers.keys():
        known = listed([f"@{key}" for key in readers])
        raise BadInput(f"A name after @ is not that of a colleague who may read notes; use {known}.")
    return tuple(key for key in keys if readers[key] != by)


def refuse_elsewhere(case_id: str, answered_by: str) -> None:
    """Refuse a message at a case that another case answers.

    Args:
        case_id: The case.
        answered_by: The case that answers in place of it; empty for none.

    Raises:
        Conflict: There is one.
    """
    if answered_by:
        raise Conflict(f"{case_id} was stopped as a duplicate; add the message to {answered_by}, which answers it.")


def may_answer(entries: Iterable[Contribution], asked_at: datetime) -> list[Contribution]:
    """Return the messages that may be the person's answer to a question, oldest first.

    Args:
        entries: The conversation.
        asked_at: When the question went out (aware).
    """
    return [
        entry
        for entry in entries
        if entry.kind is ContributionKind.MESSAGE and entry.at >= asked_at and not (entry.is_answer or entry.is_removed)
    ]
