"""Coverage of an account: fields of tickets and profiles, and brands, that the configuration does not name.

Source: Zendesk's API reference (ticket fields, user fields, brands), read on 2026-12-01. Fields of the system's own
types (subject, status) are the same in every account, and the connector knows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from connectors.zendesk.client import Api
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.coverage import PlaceKind, SystemPlace
from rightsflow.domain.spellings.field_names import IDENTITIES, FieldSort, sort_of

_FREE: Final = frozenset({"text", "textarea", "regexp"})
"""Types of field into which anything can be typed."""
_PLAIN: Final = frozenset({"integer", "decimal", "date", "lookup"})
"""Types of field that hold an identity if their names say so."""


def uncovered(api: Api, settings: ZendeskSettings) -> Iterator[SystemPlace]:
    """Yield the fields and brands that the configuration does not name.

    Args:
        api: The API.
        settings: The system's section.
    """
    rules = settings.document_rules
    known: set[object] = {
        *settings.ticket_fields.values(),
        *settings.ticket_identifier_fields,
        *(rule.field for rule in rules if rule.field),
    }
    yield from _fields(api, "ticket_fields", PlaceKind.TICKET_FIELD, known)
    told = {settings.customer_id_field, *settings.account_id_fields, settings.birth_date_field}
    yield from _fields(api, "user_fields", PlaceKind.USER_FIELD, told | {*settings.rectify.values()})
    brands = {rule.brand for rule in rules}
    for brand in api.by_cursor("/brands", "brands"):
        if brand["id"] not in brands:
            name = f"{brand['id']} {brand.get('name', '')}".strip()
            yield SystemPlace(kind=PlaceKind.BRAND, name=name, looks_like="requests of a brand", lines="")


def _fields(api: Api, path: str, kind: PlaceKind, known: Collection[object]) -> Iterator[SystemPlace]:
    for field in api.by_cursor(f"/{path}", path):
        shown: dict[str, Any] = dict(field)
        if not shown.get("active", True) or shown["id"] in known or shown.get("key") in known:
            continue
        title = str(shown.get("title") or shown.get("key") or "")
        if looks_like := _looks_like(str(shown.get("type", "")), title):
            yield SystemPlace(
                kind=kind, name=f"{shown['id']} {title}".strip(), looks_like=looks_like, lines=_lines(kind, shown)
            )


def _looks_like(type_: str, title: str) -> str:
    by_name = sort_of(title)
    if type_ in _FREE:
        return by_name.value if by_name in IDENTITIES else FieldSort.FREE_TEXT.value
    return by_name.value if type_ in _PLAIN and by_name in IDENTITIES else ""


def _lines(kind: PlaceKind, field: dict[str, Any]) -> str:
    """The lines that name a field; a person says what it holds."""
    if kind is PlaceKind.TICKET_FIELD:
        return f'ticket_identifier_fields = {{ {field["id"]} = "…" }}   # or ticket_fields = {{ "…" = {field["id"]} }}'
    key = field.get("key") or field["id"]
    return f'rectify = {{ "…" = "{key}" }}   # or customer_id_field, account_id_fields, birth_date_field'
