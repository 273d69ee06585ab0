"""A ticket with its comments and the people in it, seen from the subject's side, and the means of one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connectors.registry import ControllerPlace
from connectors.zendesk.client import Api, CallEntry, PeopleList, Record
from connectors.zendesk.kinds import CALL, PARTNER_CALL
from connectors.zendesk.people import UserDirectory, ZendeskUser
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.attribution import surest
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.vocabulary.records import RecordRef

_PEOPLE_LISTS: tuple[PeopleList, ...] = ("collaborator_ids", "follower_ids", "email_cc_ids")
_RECORDED = {"VoiceComment": CALL, "TpeVoiceComment": PARTNER_CALL}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecording:
    """The recording of a call in a comment.

    Args:
        kind: Whether Zendesk holds it, or a telephone partner.
        owner: By what the call names the subject, where several people take part in the ticket.
        is_shared: Whether the call may be another customer's in the ticket, who uses the same number.
        comment: The comment.
    """

    kind: str
    owner: Identifiers = frozenset()
    is_shared: bool = False
    comment: Record = field(repr=False)

    @property
    def call(self) -> CallEntry:
        """The comment's data on the call."""
        return self.comment["data"]

    @property
    def call_id(self) -> str:
        """Zendesk's key of the call; empty at a telephone partner's."""
        return str(self.call.get("call_id") or "")

    @property
    def url(self) -> str:
        """The address of the bytes."""
        return str(self.call["recording_url"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A ticket with everything in it.

    Args:
        ticket: The ticket as the API gave it.
        comments: Its comments, oldest first.
        people: Everybody who takes part, by user id.
        known: The subject's identifiers.
        country: In which national numbers are read.
    """

    ticket: Record = field(repr=False)
    comments: tuple[Record, ...] = field(repr=False)
    people: Mapping[int, ZendeskUser] = field(repr=False)
    known: Identifiers
    country: str

    @property
    def id(self) -> int:
        """The ticket's number."""
        return int(self.ticket["id"])

    @property
    def is_closed(self) -> bool:
        """True if the ticket's fields can no longer be changed."""
        return bool(self.ticket.get("status") == "closed")

    @property
    def subject_ids(self) -> frozenset[int]:
        """The subject's profiles among the people."""
        mine = {person.id: person.identifiers for person in self.people.values() if person.is_subject(self.known)}
        return surest(mine, self.known) if len(mine) > 1 else frozenset(mine)

    @property
    def is_the_subjects(self) -> bool:
        """True if the subject is the requester; otherwise another person's ticket involves or names the subject."""
        return self.ticket.get("requester_id") in self.subject_ids

    @property
    def wrote_headline(self) -> bool:
        """True if the headline is the subject's own words, not typed in by staff for them."""
        return self.is_the_subjects and self.ticket.get("submitter_id") in self.subject_ids

    @property
    def others(self) -> list[ZendeskUser]:
        """The other customers in the ticket, without employees."""
        return [person for person in self.people.values() if person.is_customer and person.id not in self.subject_ids]

    @property
    def named(self) -> Identifiers:
        """The identifiers that name only the subject in the ticket: a family's number is the others' as well."""
        return self.known - frozenset().union(*(other.identifiers for other in self.others))

    def is_own(self, comment: Record) -> bool:
        """Return whether the subject wrote a comment."""
        return comment.get("author_id") in self.subject_ids

    @staticmethod
    def is_a_call(comment: Record) -> bool:
        """Return whether a comment is the telephone system's entry on a call, regardless of its named author."""
        return str(comment.get("type")) in _RECORDED

    def recordings(self) -> Iterator[CallRecording]:
        """Yield the recordings of the subject's calls; in a shared ticket by author, or by number."""
        for comment in self.comments:
            kind = _RECORDED.get(str(comment.get("type")))
            if not kind or not (comment.get("data") or {}).get("recording_url"):
                continue
            if not self.others:
                yield CallRecording(kind=kind, comment=comment)
            elif self.is_own(comment):
                author = self.people[comment["author_id"]].identifiers
                yield CallRecording(kind=kind, owner=author, comment=comment)
            elif numbers := self._subjects_numbers(comment):
                yield CallRecording(kind=kind, owner=numbers, is_shared=not numbers & self.named_here, comment=comment)

    def recording(self, comment_id: str) -> CallRecording | None:
        """Return the recording of the subject's call in a comment, if there is one."""
        return next((item for item in self.recordings() if str(item.comment["id"]) == comment_id), None)

    def is_anothers_call(self, comment_id: str) -> bool:
        """Return whether the recording at a comment may be another customer's; false for a deleted recording."""
        told = [
            comment for comment in self.comments if str(comment["id"]) == comment_id and (comment.get("data") or {})
        ]
        recording = self.recording(comment_id)
        is_there = bool(told and told[0]["data"].get("recording_url"))
        return is_there and (recording is None or recording.is_shared)

    @property
    def named_here(self) -> Identifiers:
        """The identifiers that name the subject in the ticket: known ones and their profiles', without the others'."""
        profiles = frozenset(identifier for key in self.subject_ids for identifier in self.people[key].identifiers)
        return (profiles | self.known) - frozenset().union(*(other.identifiers for other in self.others))

    def _subjects_numbers(self, comment: Record) -> Identifiers:
        profiles = frozenset(identifier for key in self.subject_ids for identifier in self.people[key].identifiers)
        data = comment["data"]
        sides = (parse_leniently(IdentifierKind.PHONE, data.get(key), country=self.country) for key in ("from", "to"))
        return frozenset(side for side in sides if side is not None) & (profiles | self.known)


def people_of(ticket: Record, comments: tuple[Record, ...] = ()) -> set[int]:
    """Return the ids of all participants of a ticket."""
    ids = {ticket.get("requester_id"), ticket.get("submitter_id")}
    for key in _PEOPLE_LISTS:
        ids |= set(ticket.get(key) or ())
    ids |= {comment.get("author_id") for comment in comments}
    # Zendesk itself, as an author, has a negative id.
    return {user_id for user_id in ids if isinstance(user_id, int) and user_id > 0}


def texts_of(ticket: Record, comments: tuple[Record, ...]) -> Iterator[str]:
    """Every text of a ticket in which a person may be named."""
    for key in ("subject", "raw_subject", "description", "external_id", "recipient"):
        yield str(ticket.get(key) or "")
    yield from (str(item.get("value") or "") for item in ticket.get("custom_fields") or ())
    yield from (str(tag) for tag in ticket.get("tags") or ())
    for comment in comments:
        yield str(comment.get("plain_body") or "")
        yield str(comment.get("body") or "")
        yield from (str(item.get("file_name") or "") for item in comment.get("attachments") or ())


class Conversations:
    """Reads tickets with their comments and people."""

    def __init__(self, api: Api, directory: UserDirectory, known: Identifiers, country: str) -> None:
        self._api = api
        self._directory = directory
        self._known = known
        self._country = country
        self._last: Conversation | None = None

    def of(self, ticket: Record) -> Conversation:
        """The conversation of a ticket that was just read."""
        # Inline images are listed among the attachments only when asked for.
        query = {"include_inline_images": "true"}
        comments = tuple(self._api.by_cursor(f"/tickets/{ticket['id']}/comments", "comments", query))
        return Conversation(
            ticket=ticket,
            comments=comments,
            people=self._directory.many(people_of(ticket, comments)),
            known=self._known,
            country=self._country,
        )

    def find(self, ticket_id: int) -> Conversation | None:
        """Return the conversation of a ticket, or ``None`` if it is gone; the last one read is cached."""
        if self._last is None or self._last.id != ticket_id:
            ticket = self._api.find(f"/tickets/{ticket_id}", "ticket")
            self._last = None if ticket is None else self.of(ticket)
        return self._last


class Session:
    """The means of one operation.

    Args:
        api: The API during the operation.
        settings: The account's section of the configuration.
        place: Where the controller is.
        known: The subject's identifiers.
    """

    def __init__(self, api: Api, settings: ZendeskSettings, place: ControllerPlace, known: Identifiers) -> None:
        self.api = api
        self.settings = settings
        self.place = place
        self.known = known
        self.directory = UserDirectory(api, settings, place, known)
        self.conversations = Conversations(api, self.directory, known, place.country)

    def ref(self, kind: str, key: object) -> RecordRef:
        """The ref of a record of this system."""
        return RecordRef(self.api.http.system, kind, str(key))
