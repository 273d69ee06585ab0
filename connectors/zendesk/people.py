"""Zendesk's users as people: who they are by all their identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from connectors.registry import ControllerPlace
from connectors.zendesk.client import Api, Record, UserPage, batches, joined
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.attribution import claims
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.ownership import Standing

ERASED_NAME = "Permanently Deleted User"
"""The name that Zendesk gives a permanently deleted user, some time after the deletion."""

_DIGITS_OF_A_NUMBER = 5
_IDENTITIES = {"email": IdentifierKind.EMAIL, "phone_number": IdentifierKind.PHONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZendeskUser:
    """A user of the account.

    Args:
        id: Zendesk's key.
        record: The user as the API gave it; empty where the user is permanently deleted.
        identities: The user's identities as the API gave them.
        identifiers: Everything that names the person.
    """

    id: int
    record: Record = field(default_factory=Record, repr=False)
    identities: tuple[Record, ...] = field(default=(), repr=False)
    identifiers: Identifiers = frozenset()

    @property
    def is_gone(self) -> bool:
        """True if nothing but the id is left."""
        return not self.record

    @property
    def is_customer(self) -> bool:
        """True if this is a data subject's profile and not an employee's."""
        return str(self.record.get("role", "end-user")) == "end-user"

    @property
    def name(self) -> str:
        """The name, or nothing where there is none worth masking."""
        return next((identifier.value for identifier in self.identifiers if identifier.kind is IdentifierKind.NAME), "")

    def is_subject(self, known: Identifiers) -> bool:
        """Return whether the profile is the subject's: it shares an identifier beyond the name, and no one else's."""
        return bool(without_names(self.identifiers) & known) and claims(self.identifiers, known)

    def is_anothers(self, known: Identifiers) -> bool:
        """Return whether this profile now names only other people; an emptied profile names no one."""
        return standing_now([self.identifiers], known) is Standing.OTHER


def without_names(identifiers: Iterable[Identifier]) -> Identifiers:
    """The identifiers by which a person may be recognised; many people share a name or a date of birth."""
    return frozenset(identifier for identifier in identifiers if identifier.finds)


def _same_id(left: Identifier, right: Identifier) -> bool:
    return left.realm == right.realm and left.value.casefold() == right.value.casefold()


class UserDirectory:
    """The users of the account, each read once per operation.

    Args:
        api: The API during the operation.
        settings: Where ids stand.
        place: In which country national numbers are read.
        known: The subject's identifiers, whose spelling of a customer id counts.
    """

    def __init__(self, api: Api, settings: ZendeskSettings, place: ControllerPlace, known: Identifiers) -> None:
        self._api = api
        self._settings = settings
        self._place = place
        self._known = known
        self._read: dict[int, ZendeskUser] = {}

    def many(self, ids: Iterable[int]) -> Mapping[int, ZendeskUser]:
        """Return the people with these ids; permanently deleted ones have nothing but the id."""
        wanted = sorted(set(ids))
        missing = [text for text in wanted if text not in self._read]
        for batch in batches(missing):
            page = self._api.get("/users/show_many", {"ids": joined(batch), "include": "identities"})
            self._take(cast("UserPage", page))
        for user_id in missing:
            if user_id not in self._read:
                self._read[user_id] = self._deleted(user_id)
        return {text: self._read[text] for text in wanted}

    def one(self, user_id: int) -> ZendeskUser:
        """The person behind one id."""
        return self.many([user_id])[user_id]

    def _take(self, page: UserPage) -> None:
        """Store the users of a page, with their identities if the page has them."""
        sideloaded: dict[int, list[Record]] | None = None
        if "identities" in page:
            sideloaded = {}
            for identity in page["identities"]:
                sideloaded.setdefault(identity["user_id"], []).append(identity)
        for user in page["users"]:
            identities = self._identities(user) if sideloaded is None else sideloaded.get(user["id"], [])
            self._read[user["id"]] = self.person(user, identities)

    def _identities(self, user: Record) -> list[Record]:
        if not user.get("active", True):
            return []
        listed = self._api.by_cursor(f"/users/{user['id']}/identities", "identities")
        return [record for record in listed if record.get("user_id") == user["id"]]

    def _deleted(self, user_id: int) -> ZendeskUser:
        """Return a person missing from the lists: soft-deleted, or permanently deleted."""
        user = self._api.find(f"/users/{user_id}", "user")
        if user is None:
            user = self._api.find(f"/deleted_users/{user_id}", "deleted_user")
        return ZendeskUser(id=user_id) if user is None else self.person(user, [])

    def person(self, user: Record, identities: Iterable[Record]) -> ZendeskUser:
        """The person that a user's record and identities describe."""
        listed = tuple(identities)
        found = {self._read_as(kind, raw) for kind, raw in self._named(user)} | self._accounts(user)
        found |= {
            self._read_as(_IDENTITIES[identity["type"]], identity["value"])
            for identity in listed
            if identity["type"] in _IDENTITIES
        }
        return ZendeskUser(
            id=int(user["id"]),
            record=user,
            identities=listed,
            identifiers=frozenset(account for account in found if account is not None),
        )

    def _named(self, user: Record) -> Iterable[tuple[IdentifierKind, object]]:
        fields = user.get("user_fields") or {}
        # A shared number has no identity and stands in user.phone only.
        yield IdentifierKind.EMAIL, user.get("email")
        yield IdentifierKind.PHONE, user.get("phone")
        where = self._settings.customer_id_field
        yield IdentifierKind.CUSTOMER_ID, user.get(where) if where == "external_id" else fields.get(where)
        yield from ((kind, fields.get(field)) for field, kind in self._settings.identifier_fields.items())
        if self._settings.birth_date_field:
            yield IdentifierKind.BIRTH_DATE, fields.get(self._settings.birth_date_field)
        name = str(user.get("name") or "")
        # Talk names an unknown caller by the number; that is no name.
        if name != ERASED_NAME and sum(character.isdigit() for character in name) < _DIGITS_OF_A_NUMBER:
            yield IdentifierKind.NAME, name

    def in_ticket(self, ticket: Record) -> Identifiers:
        """Return the identifiers in the declared fields of a ticket.

        Args:
            ticket: The ticket.
        """
        held = {item["id"]: item.get("value") for item in ticket.get("custom_fields") or ()}
        fields = self._settings.ticket_identifier_fields
        read = (self._read_as(kind, held[field]) for field, kind in fields.items() if held.get(field))
        return frozenset(item for item in read if item is not None)

    def _accounts(self, user: Record) -> set[Identifier | None]:
        """The person's account ids in other systems."""
        fields = user.get("user_fields") or {}
        return {
            parse_leniently(IdentifierKind.ACCOUNT_ID, fields.get(field), issuer=issuer)
            for field, issuer in self._settings.account_id_fields.items()
        }

    def _read_as(self, kind: IdentifierKind, raw: object) -> Identifier | None:
        read = parse_leniently(kind, raw, country=self._place.country)
        if read is None or kind is not IdentifierKind.CUSTOMER_ID:
            return read
        # Zendesk compares external_id without case, so its spelling may differ from the one that is asked for.
        return next((item for item in self._known if _same_id(item, read)), read)
