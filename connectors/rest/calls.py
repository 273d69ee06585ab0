"""The calls of a description: conditions, addresses, lists and their pages, reads, and what answers mean."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.rest.paths import Path, placeholders, values_at
from connectors.settings import Strict
from rightsflow.domain.identifiers import IdentifierKind

Scalar = str | int | float | bool
Line = Annotated[str, Field(min_length=1)]
KindName = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]{0,31}$")]
PlaceholderName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}$")]
Status = Annotated[int, Field(ge=200, le=599)] | Annotated[str, Field(pattern="^[2345]xx$")]
_UNSAID: Final = frozenset({401, 403, 407, 408, 429})


def _says_gone(status: int) -> int:
    if status in _UNSAID or 204 < status < 400:
        raise ValueError(f"{status} says nothing of what is there: no answer was given")
    return status


GoneStatus = Annotated[int, Field(ge=204, le=499), AfterValidator(_says_gone)]
"""A status that may mean that something is not there; a refused call never does, and neither does a usual answer."""
_VERBS: Final = ("get", "post", "put", "patch", "delete")


class Where(Strict):
    """A condition on an answer; every key that is given must hold.

    Args:
        path: Where to look.
        equals: The value, or one of several.
        like: A regular expression that the whole value matches.
        filled: ``true`` if something must be there, ``false`` if nothing may be.
    """

    path: Path = ""
    equals: Scalar | tuple[Scalar, ...] | None = None
    like: str = ""
    filled: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.equals is None and not self.like and self.filled is None:
            raise ValueError("say what must hold: equals, like or filled")
        re.compile(self.like)
        return self

    def holds(self, tree: object) -> bool:
        """Return whether the condition holds.

        Args:
            tree: The answer.
        """
        values = values_at(tree, self.path)
        if self.filled is not None and bool(values) is not self.filled:
            return False
        if self.equals is not None:
            wanted = self.equals if isinstance(self.equals, tuple) else (self.equals,)
            if not any(type(value) is type(item) and value == item for value in values for item in wanted):
                return False
        return not self.like or any(re.fullmatch(self.like, str(value)) for value in values)


class ApiCall(Strict):
    """A call of the system: exactly one of ``get``, ``post``, ``put``, ``patch`` and ``delete``.

    Args:
        get: The address below ``base``, such as ``/users/{id}``.
        post: The same, sent with POST.
        put: The same, sent with PUT.
        patch: The same, sent with PATCH.
        delete: The same, sent with DELETE.
        query: The query, such as ``{ email = "{value}" }``.
        body: The body, sent as JSON.
        form: ``true`` if the body is sent as a form.
        headers: Headers besides those of the system, such as ``{ If-Match = "{etag}" }``.
        at: The address of ``[system.addresses]`` that it is below, instead of ``base``.
    """

    get: str = ""
    post: str = ""
    put: str = ""
    patch: str = ""
    delete: str = ""
    query: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    form: bool = False
    headers: dict[str, str] = Field(default_factory=dict)
    at: KindName | Literal[""] = ""

    @model_validator(mode="after")
    def _is_one_call(self) -> Self:
        given = [verb for verb in _VERBS if getattr(self, verb)]
        if len(given) != 1:
            raise ValueError("give exactly one of get, post, put, patch and delete")
        if not self.target.startswith("/"):
            raise ValueError(f"write {given[0]} as an address below base, with a slash in front")
        return self

    @property
    def method(self) -> str:
        """The HTTP method."""
        return next(verb for verb in _VERBS if getattr(self, verb)).upper()

    @property
    def target(self) -> str:
        """The address below ``base``."""
        return str(getattr(self, self.method.lower()))

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of its placeholders."""
        return placeholders([self.target, self.query, self.body, self.headers])

    def __str__(self) -> str:
        """The call in words, for the dry run."""
        return f"{self.method} {self.target}"


class PageRule(Strict):
    """How a list goes on after its first page.

    Args:
        by: ``none``: the list has one page. ``page`` and ``offset``: a number in the query, until ``next``, ``more`` or
            ``total`` says that it is the last. ``until_empty``: a page number, until a page is empty. ``cursor``: the
            value at ``next`` goes into the query. ``link_header``: the ``Link`` header of the answer. ``link_body``:
            the address at ``next``. Addresses are followed by path and query, never to another host.
        param: The key of the query that takes number, offset or cursor.
        into: ``body`` if ``param`` and ``size_param`` are paths into the body, ``query`` if they are keys of the query;
            by default the body of a call that has one.
        first: The first number.
        size: The entries of a page to ask for; 0 to leave that to the system.
        size_param: The key of the query that takes it.
        next: Where the next cursor, number or address stands; nothing there means the last page.
        more: Where ``true`` stands while there are more pages.
        total: Where the number of all entries stands. If fewer came, the list counts as cut off.
    """

    by: Literal["none", "page", "offset", "until_empty", "cursor", "link_header", "link_body"]
    param: str = "page"
    into: Literal["query", "body", ""] = ""
    first: int = 1
    size: int = Field(default=0, ge=0, le=10_000)
    size_param: str = ""
    next: Path = ""
    more: Path = ""
    total: Path = ""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.by in {"page", "offset"} and not (self.next or self.more or self.total):
            raise ValueError(f'by = "{self.by}" needs next, more or total to know the last page; or use until_empty')
        if self.by in {"cursor", "link_body"} and not self.next:
            raise ValueError(f'by = "{self.by}" needs next: where the cursor or address of the next page stands')
        if bool(self.size) != bool(self.size_param):
            raise ValueError("size and size_param belong together; give both or neither")
        return self


class Listing(ApiCall):
    """A list.

    Args:
        rows: Where its entries stand in the answer; empty if the answer is the list.
        single: ``true`` if the answer is one entry and not a list.
        plain: ``true`` if the entries are ids alone, in a list or as the keys of an object; each is read as ``{ id }``.
        page: How it goes on; by default as ``[system.page]`` says.
        reference: Where an entry has the record's id, if it has nothing else; each record is then read.
        none: The statuses that mean that there are no entries. Without them 404 is an error.
    """

    rows: Path = ""
    single: bool = False
    plain: bool = False
    page: PageRule | None = None
    reference: Path = ""
    none: tuple[GoneStatus, ...] = ()


class RecordSearch(Listing):
    """A search by one kind of identifier, a call for each value.

    Args:
        by: The kind of identifier. ``{value}`` is its value in the call; of a phone number, ``{digits}`` are its digits
            with the country code, ``{national}`` those without it and ``{tail}`` the last ones that every spelling has.
        every_spelling: ``true`` to ask for each usual spelling, where the system compares whole values.
        escape: The characters of a value that get a backslash in front, where it becomes part of a query language.
        ignores_filter: ``true`` if it is known that the system answers with everything, whatever is asked. Rows that do
            not have the identifier are dropped anyway; ``doctor`` then does not warn.
    """

    by: IdentifierKind
    every_spelling: bool = False
    escape: str = ""
    ignores_filter: bool = False

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not self.placeholders & {"value", "digits", "national", "tail"} and not self.ignores_filter:
            raise ValueError("the call has no {value}; put it into the address, the query or the body")
        if not self.by.finds:
            raise ValueError("no one is searched for by name or date of birth; remove the search")
        return self


class Parent(Strict):
    """What a record belongs to, and how the records of a parent are listed.

    Args:
        kind: The parent's kind.
        id: Where the record names its parents of that kind. Rows of a list that name others only are dropped.
        list: The list of the records of one parent; ``{parent}`` is the parent's id.
        inside: Where the records stand in the parent itself, instead of a list.
    """

    kind: KindName
    id: Path = ""
    list: Listing | None = None
    inside: Path = ""

    @model_validator(mode="after")
    def _is_checked(self) -> Self:
        if self.list is not None and self.inside:
            raise ValueError("give list or inside, not both")
        if not (self.id or self.list or self.inside):
            raise ValueError("say where the record names its parent (id), or how its records are listed")
        if self.list is not None and "parent" not in self.list.placeholders:
            raise ValueError("the list has no {parent}; put the parent's id into the call")
        if self.list is not None and not self.id and "{parent}" not in self.list.target:
            raise ValueError("a filter may be ignored: give id, where each row names its parent")
        return self


class RecordRead(ApiCall):
    """The fresh read of one record.

    Args:
        record: Where the record stands in the answer; empty if the answer is the record.
        gone: The statuses that mean that there is no such record.
        gone_where: What else in an answer means that.
        trash: What in a record means that it is only in the trash, so that it can be restored.
        trash_days: The days after which the system empties its trash, if no call does so at once. A record in it then
            counts as erased as far as the system allows, with a residue.
    """

    record: Path = ""
    gone: tuple[GoneStatus, ...] = (404,)
    gone_where: Where | None = None
    trash: Where | None = None
    trash_days: int = Field(default=0, ge=0, le=3660)


class File(Strict):
    """Files of a record, such as attachments or a recording.

    Args:
        each: Where the entries about files stand in the record; empty if the record itself is about the file.
        address: Where the file's address stands in an entry.
        get: The address below ``base`` instead; ``{file}`` is the value at ``address``.
        name: Where its name stands.
        type: Where its media type stands.
        media_type: Its media type if the entry does not name it.
    """

    each: Path = ""
    address: Path = ""
    get: str = ""
    name: Path = ""
    type: Path = ""
    media_type: str = "application/octet-stream"

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if not (self.address or self.get):
            raise ValueError("say where the file is: address or get")
        return self


class Meaning(StrEnum):
    """What an answer to an erasing call means."""

    ERASED = "erased"
    """It is erased."""
    GONE = "gone"
    """It was gone before."""
    REFUSED = "refused"
    """The system says no."""
    LATER = "later"
    """The same call may go through later."""


class AnswerRule(Strict):
    """What an answer to an erasing call means; the first rule that fits counts.

    Args:
        status: The statuses; ``"5xx"`` for all of a hundred.
        where: A condition on the body besides.
        means: ``erased``, ``gone``, ``refused`` or ``later``.
        reason: Of a refusal: why, to follow "because"; the person reads it.
        until: Of a refusal: where the first day stands on which it may be tried again.
        days: The number of days after which it may be tried again, if the answer names no day.
    """

    status: tuple[Status, ...] = Field(min_length=1)
    where: Where | None = None
    means: Meaning
    reason: str = ""
    until: Path = ""
    days: int | None = Field(default=None, ge=1, le=3660)

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.means is Meaning.REFUSED) != bool(self.reason):
            raise ValueError("a refusal needs a reason, and nothing else has one")
        return self

    @model_validator(mode="after")
    def _is_an_answer(self) -> Self:
        if self.means in {Meaning.ERASED, Meaning.GONE}:
            for status in self.status:
                if status in {"3xx", "4xx", "5xx"} or (isinstance(status, int) and _is_unanswered(status)):
                    raise ValueError(f"{status} does not show that anything was erased: the call was not answered")
        return self

    def fits(self, status: int, tree: object) -> bool:
        """Return whether the rule fits an answer.

        Args:
            status: The answer's status.
            tree: Its body; ``None`` if it is no JSON.
        """
        return is_status(status, self.status) and (self.where is None or self.where.holds(tree))


def _is_unanswered(status: int) -> bool:
    return status in _UNSAID or status >= 500 or 300 <= status < 400


def is_status(status: int, listed: tuple[int | str, ...]) -> bool:
    """Return whether a status is among some, of which ``"5xx"`` means a hundred.

    Args:
        status: The status.
        listed: The others.
    """
    return status in listed or f"{status // 100}xx" in listed


class PreflightLook(ApiCall):
    """A look before an erasure, which may stop it.

    Args:
        refuse_if: What in the answer stops it.
        reason: Why, to follow "because"; the person reads it.
    """

    refuse_if: Where
    reason: Line
