"""Fides' configuration of the three databases: the same columns and relations as ours."""

from __future__ import annotations

from typing import Any

from rightsflow.domain.vocabulary.rights import Right

Json = dict[str, Any]
OPERATIONS = "system.operations"
"""The category of what links rows and says nothing of the person; neither handed out nor blanked."""


def policies() -> list[tuple[Right, Json, Json]]:
    about = {"data_category": "user"}
    return [
        (Right.ACCESS, {"action_type": "access", "storage_destination_key": STORAGE["key"]}, about),
        (
            Right.ERASURE,
            {"action_type": "erasure", "masking_strategy": {"strategy": "null_rewrite", "configuration": {}}},
            about,
        ),
    ]


STORAGE = {
    "name": "local",
    "key": "local",
    "type": "local",
    "details": {"naming": "request_id"},
    "format": "json",
}


def _field(name: str, category: str = OPERATIONS, *, references: str = "", identity: str = "") -> Json:
    meta: Json = {"primary_key": True} if name == "id" else {}
    if references:
        dataset, _, field = references.partition("/")
        meta["references"] = [{"dataset": dataset, "field": field, "direction": "from"}]
    if identity:
        meta["identity"] = identity
    found: Json = {"name": name, "data_categories": [category]}
    return found | ({"fides_meta": meta} if meta else {})


_EMAIL, _PHONE, _NUMBER, _NAME = "user.contact.email", "user.contact.phone_number", "user.unique_id", "user.name"
_CONTENT, _MONEY = "user.content", "user.financial"
_TABLES: dict[str, dict[str, list[Json]]] = {
    "helpdesk": {
        "customers": [
            _field("id"),
            _field("number", _NUMBER),
            _field("email", _EMAIL, identity="email"),
            _field("phone", _PHONE),
            _field("name", _NAME),
        ],
        "tickets": [
            _field("id"),
            _field("customer", references="helpdesk/customers.id"),
            _field("opened"),
            _field("subject", _CONTENT),
        ],
        "comments": [
            _field("id"),
            _field("ticket", references="helpdesk/tickets.id"),
            _field("author", _EMAIL),
            _field("body", _CONTENT),
        ],
    },
    "payments": {
        "accounts": [
            _field("id"),
            _field("customer", _NUMBER, references="helpdesk/customers.number"),
            _field("holder", _NAME),
        ],
        "charges": [
            _field("id"),
            _field("account", references="payments/accounts.id"),
            _field("charged"),
            _field("cents", _MONEY),
        ],
    },
    "calls": {
        "calls": [
            _field("id"),
            _field("caller", _PHONE, references="helpdesk/customers.phone"),
            _field("started"),
            _field("recording", _CONTENT),
        ],
    },
}


def datasets() -> list[Json]:
    return [
        {
            "fides_key": name,
            "name": name,
            "description": "",
            "organization_fides_key": "default_organization",
            "collections": [{"name": table, "fields": fields} for table, fields in tables.items()],
        }
        for name, tables in _TABLES.items()
    ]
