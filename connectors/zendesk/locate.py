"""Finding what a Zendesk account holds of a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import phonenumbers

from connectors.registry import ControllerPlace
from connectors.zendesk.client import Record
from connectors.zendesk.conversations import Conversation, Session, texts_of
from connectors.zendesk.kinds import CATEGORIES, SUSPENDED, TICKET, USER, document_class
from connectors.zendesk.people import ZendeskUser
from connectors.zendesk.traces import NameTraces, searchable, spellings
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind, parse_leniently, strong
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.spellings.fields import phone_spellings
from rightsflow.domain.vocabulary.records import Fact, Located, RecordRef

_EXPORT_PAGE = 1000


class ZendeskLocator:
    """A search for a person."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = session.api
        self._known = session.known
        self._seen: set[int] = set()
        self._people: set[int] = set()

    def run(self) -> Iterator[Located]:
        """Every record that matches, each once."""
        people = {profile.id: profile for profile in self._profiles()}
        self._people |= people.keys()
        mine = [item for item in people.values() if claims(item.identifiers, self._known)]
        for person in people.values():
            yield self._user(person)
        for person in mine:
            for ticket in self._tickets_of(person):
                yield from self._ticket(ticket, person)
        yield from self._suspended()
        yield from self._written_elsewhere(mine)
        yield from self._by_fields()
        yield from self._mentions()

    # -- profiles --------------------------------------------------------------------------------------------------

    def _profiles(self) -> Iterator[ZendeskUser]:
        """Yield profiles that match exactly; the search itself compares words and also returns near hits."""
        found = {int(user["id"]) for query in self._queries() for user in self._search(query)}
        found |= self._deleted_ids()
        for person in self._session.directory.many(found).values():
            shared = person.identifiers & self._known
            strongly = bool(strong(shared))
            if strongly or (person.is_customer and any(item.kind.is_weak for item in shared)):
                yield person

    def _queries(self) -> Iterator[dict[str, str]]:
        known = self._known
        for email in of_kind(known, IdentifierKind.EMAIL):
            yield {"query": email}
        for phone in of_kind(known, IdentifierKind.PHONE):
            # The search keeps digits only; the wildcard stands for whatever prefix the number was stored with.
            yield {"query": f"phone:*{national_digits(phone)}"}
        for customer_id in of_kind(known, IdentifierKind.CUSTOMER_ID):
            by_field = self._session.settings.customer_id_field != "external_id"
            # Quoted, since an id may hold a colon, which would be a keyword of the search language.
            yield {"query": f'"{customer_id}"'} if by_field else {"external_id": customer_id}
        for issuer in sorted(set(self._session.settings.account_id_fields.values())):
            for account_id in of_kind(known, IdentifierKind.ACCOUNT_ID, issuer=issuer):
                yield {"query": f'"{account_id}"'}

        for kind in sorted(set(self._session.settings.identifier_fields.values())):
            for value in of_kind(known, kind):
                yield from ({"query": f'"{spelling}"'} for spelling in kind.spellings(value))

    def _search(self, query: dict[str, str]) -> Iterator[Record]:
        return self._api.by_offset("/users/search", "users", query)

    def _deleted_ids(self) -> set[int]:
        """Soft-deleted profiles of the person: they are held for 30 days more and no search shows them."""
        if not self._session.settings.search_deleted:
            return set()
        rows = self._api.by_cursor("/deleted_users", "deleted_users")
        matching = [
            int(row["id"]) for row in rows if self._session.directory.person(row, ()).identifiers & self._strong
        ]
        # The list also names those whose permanent deletion is done and whose renaming is not.
        return {item for item in matching if self._api.find(f"/deleted_users/{item}", "deleted_user") is not None}

    @property
    def _strong(self) -> Identifiers:
        return strong(self._known)

    def _user(self, person: ZendeskUser) -> Located:
        return Located(
            record=self._session.ref(USER, person.id),
            category=CATEGORIES[USER],
            owner=person.identifiers,
            occurred_on=day_of(person.record.get("created_at"), self._session.place),
            language=self._language(person),
        )

    def _language(self, person: ZendeskUser) -> str:
        """Return the person's language; the account's own language proves nothing, as it is the default of profiles."""
        tag, default = language_on_file(person.record.get("locale")), self._session.settings.default_locale
        return tag if default and tag.casefold() != default.casefold() else ""

    # -- tickets ---------------------------------------------------------------------------------------------------

    def _tickets_of(self, person: ZendeskUser) -> Iterator[Record]:
        for listed in ("requested", "ccd"):
            for ticket in self._api.by_cursor(f"/users/{person.id}/tickets/{listed}", "tickets"):
                if person.id in _participants(ticket):
                    yield ticket

    def _ticket(self, ticket: Record, person: ZendeskUser) -> Iterator[Located]:
        """A ticket in which the person takes part, and the recordings of the person's calls in it."""
        if int(ticket["id"]) in self._seen:
            return
        self._seen.add(int(ticket["id"]))
        conversation = self._session.conversations.of(ticket)
        user = self._session.ref(USER, person.id)
        fields = self._session.directory.in_ticket(ticket) if ticket.get("requester_id") == person.id else frozenset()
        # What only its fields name is the person's who asked for it: it is learnt with the profile.
        yield self._located(conversation, via=user, owner=fields | person.identifiers if fields else frozenset())
        for recording in conversation.recordings():
            yield Located(
                record=self._session.ref(recording.kind, recording_key(conversation, recording.comment)),
                category=CATEGORIES[recording.kind],
                owner=recording.owner,
                via=self._session.ref(TICKET, conversation.id),
                occurred_on=day_of(recording.comment.get("created_at"), self._session.place),
                facts=frozenset({Fact.SHARED} if recording.is_shared else ()),
            )

    def _located(
        self,
        conversation: Conversation,
        *,
        via: RecordRef | None = None,
        owner: Identifiers = frozenset(),
        facts: Iterable[Fact] = (),
    ) -> Located:
        shared = {Fact.SHARED} if conversation.others else set()
        is_solved = conversation.ticket.get("status") in {"solved", "closed", "deleted"}
        # In a ticket that another person opened the matter is theirs.
        is_own = conversation.ticket.get("requester_id") in conversation.subject_ids
        unsolved = {Fact.OPEN_TICKET} if is_own and not is_solved else set()
        return Located(
            record=self._session.ref(TICKET, conversation.id),
            category=CATEGORIES[TICKET],
            via=via,
            owner=owner,
            occurred_on=day_of(conversation.ticket.get("created_at"), self._session.place),
            facts=frozenset({*facts, *shared, *unsolved}),
            document=document_class(conversation.ticket, self._session.settings.document_rules),
        )

    def _written_elsewhere(self, mine: Iterable[ZendeskUser]) -> Iterator[Located]:
        """Tickets on which the person once wrote and is neither requester nor in copy any more."""
        for person in mine:
            for ticket in self._find_tickets(f"commenter:{person.id}"):
                conversation = self._session.conversations.of(ticket)
                if any(comment.get("author_id") == person.id for comment in conversation.comments):
                    yield from self._ticket(ticket, person)

    def _by_fields(self) -> Iterator[Located]:
        """Tickets with an identifier of the subject in a declared field, which a customer typed in or an agent."""
        for field, kind in self._session.settings.ticket_identifier_fields.items():
            for value in of_kind(self._known, kind):
                for spelling in _spellings(kind, value, self._session.place.country):
                    for ticket in self._find_tickets(f'custom_field_{field}:"{spelling}"'):
                        if Identifier(kind, value) in self._session.directory.in_ticket(ticket):
                            yield from self._with_field(ticket)

    def _with_field(self, ticket: Record) -> Iterator[Located]:
        conversation, fields = self._session.conversations.of(ticket), self._session.directory.in_ticket(ticket)
        self._seen.add(conversation.id)
        profiles = [conversation.people[key].identifiers for key in conversation.subject_ids]
        yield from self._below_requester(conversation, self._located(conversation, owner=fields.union(*profiles)))

    def _below_requester(self, conversation: Conversation, found: Located) -> Iterator[Located]:
        """Yield a ticket below the profile of the customer who asked for it, which says whose it may be as well."""
        requester = conversation.people.get(conversation.ticket.get("requester_id") or 0)
        if conversation.subject_ids or requester is None or not requester.is_customer or requester.is_gone:
            yield found
            return
        if requester.id not in self._people:
            self._people.add(requester.id)
            yield replace(self._user(requester), is_context=True)
        yield replace(found, above=(self._session.ref(USER, requester.id),))

    def _mentions(self) -> Iterator[Located]:
        """Other people's tickets in which the subject is named."""
        traces = NameTraces(self._known, self._session.place.country)
        for identifier in searchable(self._known):
            for spelling in spellings(identifier, self._session.place.country):
                yield from self._named_in(traces, identifier, spelling)

    def _named_in(self, traces: NameTraces, identifier: Identifier, spelling: str) -> Iterator[Located]:
        for ticket in self._find_tickets(f'"{spelling}"'):
            conversation = self._session.conversations.of(ticket)
            named = traces.named_in(texts_of(ticket, conversation.comments))
            # The index compares words and lags behind, so what it gives is read and compared exactly.
            owner = named & frozenset(searchable(self._known))
            if identifier in owner:
                self._seen.add(conversation.id)
                yield from self._mention(conversation, owner)

    def _mention(self, conversation: Conversation, named: Identifiers) -> Iterator[Located]:
        profiles = [conversation.people[key].identifiers for key in conversation.subject_ids]
        if profiles:
            # The subject takes part by a profile that the search for people has not given yet.
            yield self._located(conversation, owner=frozenset().union(*profiles))
            return
        found = self._located(conversation, owner=named, facts=[Fact.MENTION])
        # A number in another customer's ticket may as well be theirs, or of a person of whom they speak.
        yield from [found] if strong(named) else self._below_requester(conversation, found)

    def _find_tickets(self, query: str) -> Iterator[Record]:
        return (ticket for ticket in self._search_tickets(query) if int(ticket["id"]) not in self._seen)

    def _search_tickets(self, query: str) -> Iterator[Record]:
        """By the search for people first: the export has no end, but may be called 100 times a minute only."""
        if (few := self._api.few_found(f"type:ticket {query}")) is not None:
            return iter(few)
        return self._api.by_cursor(
            "/search/export", "results", {"query": query, "filter[type]": "ticket"}, size=_EXPORT_PAGE
        )

    # -- suspended messages ----------------------------------------------------------------------------------------

    def _suspended(self) -> Iterator[Located]:
        """Messages that Zendesk took for spam; there is no filter by author."""
        emails = set(of_kind(self._known, IdentifierKind.EMAIL))
        if not emails:
            return
        for message in self._api.by_cursor("/suspended_tickets", "suspended_tickets"):
            author = parse_leniently(IdentifierKind.EMAIL, (message.get("author") or {}).get("email"))
            if author is not None and author.value in emails:
                name = parse_leniently(IdentifierKind.NAME, (message.get("author") or {}).get("name"))
                yield Located(
                    record=self._session.ref(SUSPENDED, message["id"]),
                    category=CATEGORIES[SUSPENDED],
                    owner=frozenset({author, *([name] if name else ())}),
                    occurred_on=day_of(message.get("created_at"), self._session.place),
                )


def _participants(ticket: Record) -> set[object]:
    """Return the users that a ticket names as requester or as readers of copies, as claims to be checked."""
    copies = (ticket.get("collaborator_ids"), ticket.get("email_cc_ids"), ticket.get("follower_ids"))
    return {ticket.get("requester_id"), *(item for listed in copies for item in listed or ())}


def _spellings(kind: IdentifierKind, value: str, country: str) -> list[str]:
    """Return how an identifier may be written in a field."""
    if kind is IdentifierKind.PHONE:
        return list(phone_spellings(value, (country,)))
    return [value] if kind is IdentifierKind.EMAIL else list(kind.spellings(value))


def recording_key(conversation: Conversation, comment: Record) -> str:
    """The connector's key of a recording: ticket, comment and call."""
    return f"{conversation.id}:{comment['id']}:{(comment.get('data') or {}).get('call_id') or ''}"


def national_digits(phone: str) -> str:
    """A number's digits without the country code."""
    return phonenumbers.national_significant_number(phonenumbers.parse(phone))


def day_of(stamp: object, place: ControllerPlace) -> date | None:
    """The day of an instant where the controller is, or ``None`` where there is no instant."""
    if not stamp:
        return None
    return datetime.fromisoformat(str(stamp)).astimezone(ZoneInfo(place.timezone)).date()
