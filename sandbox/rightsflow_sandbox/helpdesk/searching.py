"""The search language: words, ``"phrases"``, ``keyword:value``, ``created>date``, ``-not`` and ``*``.

Words match anywhere in any field, as a full-text search over all fields does: who searches for an e-mail address
gets those who merely mention it, and longer addresses that contain it, and must look through the hits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.state import HelpdeskState

_TERM = re.compile(r'(-?)(?:([a-z_]+\d*)([:<>]=?))?(?:"([^"]*)"|(\S+))')


_FIELD = re.compile(r"custom_field_\d+")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A part of a query.

    Args:
        negated: Whether records with it are left out.
        keyword: The keyword, or empty for a word or phrase.
        operator: ``:``, ``<``, ``>``, ``<=`` or ``>=``.
        value: What is searched for, case folded.
    """

    negated: bool
    keyword: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """The index's entry for one record.

    Args:
        kind: The record's type.
        record: The record.
        text: All its text, case folded.
        keywords: The values of each keyword, case folded.
    """

    kind: str
    record: Record
    text: str
    keywords: Mapping[str, tuple[str, ...]]


def parse(query: str) -> list[SearchTerm]:
    """Parse a query into its parts."""
    terms = []
    for minus, keyword, operator, phrase, word in _TERM.findall(query):
        if keyword and keyword not in KEYWORDS and not _FIELD.fullmatch(keyword):
            terms.append(SearchTerm(bool(minus), "", ":", f"{keyword}{operator}{phrase or word}".casefold()))
        else:
            terms.append(SearchTerm(bool(minus), keyword, operator or ":", (phrase or word).casefold()))
    return terms


def search(state: HelpdeskState, query: str, *, kind: str = "") -> list[IndexedDocument]:
    """Return the records that match a query, as the index knows them.

    Words and different keywords must all match; of one keyword given more than once any value will do.

    Args:
        state: The helpdesk.
        query: In the search language.
        kind: Only records of this type, as if ``type:`` were in the query.
    """
    terms = parse(query)
    kinds = {kind} if kind else {term.value for term in terms if term.keyword == "type" and not term.negated}
    chosen = [make for name, make in _MAKERS.items() if not kinds or name in kinds]
    return [
        document for make in chosen for document in make(state) if state.ignores_filters or matches(document, terms)
    ]


def matches(document: IndexedDocument, terms: Iterable[SearchTerm]) -> bool:
    """Return whether a record matches these parts of a query."""
    alternatives: dict[str, bool] = {}
    for term in terms:
        if term.keyword == "type":
            continue
        hit = _hit(document, term)
        if term.negated or not term.keyword or term.operator != ":":
            if hit == term.negated:
                return False
        else:
            alternatives[term.keyword] = alternatives.get(term.keyword, False) or hit
    return all(alternatives.values())


def _hit(document: IndexedDocument, term: SearchTerm) -> bool:
    if not term.keyword:
        # The wildcard stands for the rest of a word, which containing matches anyway.
        return term.value.replace("*", "") in document.text
    values = document.keywords.get(term.keyword, ())
    if term.operator != ":":
        return any(_compare(value, term) for value in values)
    if term.keyword in CONTAINING:
        return any(term.value.replace("*", "") in value for value in values)
    if term.value == "none":
        return not values
    pattern = term.value.replace("[", "[[]") + ("*" if term.keyword in PREFIXING else "")
    return any(fnmatchcase(value, pattern) for value in values)


def _compare(value: str, term: SearchTerm) -> bool:
    """Times are compared as text, to the precision that the query has."""
    value = value[: len(term.value)]
    results = {
        ">": value > term.value,
        "<": value < term.value,
        ">=": value >= term.value,
        "<=": value <= term.value,
    }
    return results[term.operator]


CONTAINING: Final = frozenset({"subject", "description", "name", "notes", "details", "user"})
"""Keywords whose values are texts, in which the value is looked for."""
PREFIXING: Final = frozenset({"email", "phone"})
"""Keywords that find longer values which begin like the one asked for, too."""
KEYWORDS: Final = (
    frozenset(
        {"type", "email", "phone", "external_id", "role", "organization", "group", "tags", "status", "priority"}
        | {"requester", "submitter", "assignee", "cc", "commenter", "created", "updated", "solved", "ticket_type"}
    )
    | CONTAINING
)


def digits(phone: str) -> str:
    """Return a number as the index holds it: a plus sign or punctuation in a query finds nothing."""
    return re.sub(r"\D", "", phone)


def _folded(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value).casefold() for value in values if value not in {None, ""})


def _text(parts: Iterable[object]) -> str:
    return "\n".join(str(part) for part in parts if part not in (None, "", [], {})).casefold()


def _addresses(state: HelpdeskState, user: Record, kind: str) -> list[str]:
    return [one["value"] for one in state.identities.get(user["id"], ()) if one["type"] == kind]


def user_document(state: HelpdeskState, user: Record) -> IndexedDocument:
    """Return a user, with the values of all its identities, secondary e-mails included."""
    emails = [*_addresses(state, user, "email"), user["email"]]
    phones = [digits(one) for one in (*_addresses(state, user, "phone_number"), user["phone"]) if one]
    others = [one["value"] for one in state.identities.get(user["id"], ())]
    free = (user[field] for field in ("name", "alias", "phone", "external_id", "notes", "details", "signature"))
    keywords = {
        "email": _folded(emails),
        "phone": _folded(phones),
        "external_id": _folded([user["external_id"]]),
        "role": _folded([user["role"]]),
        "organization": _folded([user["organization_id"]]),
        "tags": _folded(user["tags"]),
        "created": (user["created_at"].casefold(),),
        "updated": (user["updated_at"].casefold(),),
        "name": _folded([user["name"]]),
        "notes": _folded([user["notes"]]),
        "details": _folded([user["details"]]),
        "user": _folded([user["name"], *emails]),
    }
    text = _text([*free, *emails, *phones, *others, *user["tags"], *user["user_fields"].values()])
    return IndexedDocument("user", user, text, keywords)


def ticket_document(state: HelpdeskState, ticket: Record) -> IndexedDocument:
    """Return a ticket with its comments; people are found by id, name or e-mail."""
    thread = state.comments.get(ticket["id"], [])
    bodies = [comment["body"] for comment in thread]
    keywords = {
        "requester": _person(state, [ticket["requester_id"]]),
        "submitter": _person(state, [ticket["submitter_id"]]),
        "assignee": _person(state, [ticket["assignee_id"]]),
        "cc": _person(state, [*ticket["collaborator_ids"], *ticket["email_cc_ids"]]),
        "commenter": _person(state, {comment["author_id"] for comment in thread}),
        "subject": _folded([ticket["subject"]]),
        "description": _folded(bodies[:1] or [ticket["description"]]),
        "status": _folded([ticket["status"]]),
        "priority": _folded([ticket["priority"]]),
        "ticket_type": _folded([ticket["type"]]),
        "external_id": _folded([ticket["external_id"]]),
        "organization": _folded([ticket["organization_id"]]),
        "group": _folded([ticket["group_id"]]),
        "tags": _folded(ticket["tags"]),
        "created": (ticket["created_at"].casefold(),),
        "updated": (ticket["updated_at"].casefold(),),
    }
    keywords |= {f"custom_field_{item['id']}": _folded([item["value"]]) for item in ticket["custom_fields"]}
    own = (ticket[field] for field in ("id", "subject", "description", "recipient", "external_id"))
    text = _text([*own, *bodies, *ticket["tags"], *(one["value"] for one in ticket["custom_fields"])])
    return IndexedDocument("ticket", ticket, text, keywords)


def _person(state: HelpdeskState, ids: Iterable[int | None]) -> tuple[str, ...]:
    found: list[object] = []
    for user_id in ids:
        user = state.users.get(user_id or 0)
        found.append(user_id)
        if user is not None:
            found += [user["name"], user["email"], *_addresses(state, user, "email")]
    return _folded(found)


def _users(state: HelpdeskState) -> Iterable[IndexedDocument]:
    return (user_document(state, user) for user in state.indexed("user"))


def _tickets(state: HelpdeskState) -> Iterable[IndexedDocument]:
    return (ticket_document(state, ticket) for ticket in state.indexed("ticket"))


def _organizations(state: HelpdeskState) -> Iterable[IndexedDocument]:
    for one in state.organizations.values():
        keywords = {"name": _folded([one["name"]]), "external_id": _folded([one["external_id"]])}
        text = _text([one["name"], one["details"], one["notes"], *one["tags"], *one["domain_names"]])
        yield IndexedDocument("organization", one, text, keywords)


_MAKERS: Final[Mapping[str, Callable[[HelpdeskState], Iterable[IndexedDocument]]]] = {
    "user": _users,
    "ticket": _tickets,
    "organization": _organizations,
}
