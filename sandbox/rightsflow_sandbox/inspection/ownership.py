"""Recognition of a person in a text by words, and ownership of the payment provider's objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import phonenumbers

from rightsflow_sandbox.world.model import Customer
from rightsflow_sandbox.world.world import World

BLACK = "▇"
"""The sign that the helpdesk puts in place of redacted letters."""

_BLACKENED = re.compile(f"{BLACK}+")


def words_of(person: Customer, world: World) -> tuple[str, ...]:
    """Return all words that name a person in a text, longest first: name, addresses, and numbers as people write them.

    Args:
        person: Who.
        world: Knows what the person gave at the till.
    """
    accounts = world.accounts_of(person)
    words = {person.name, *person.emails, *(account.email for account in accounts)}
    numbers = {*person.phones, *(account.phone for account in accounts)}
    for number in numbers:
        words |= {number, f"00{number[1:]}", f"0{phonenumbers.parse(number).national_number}"}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def text_of(record: Any) -> str:
    """Return a record as one text in which words are searched for."""
    return json.dumps(record, ensure_ascii=False, default=str)


def names(record: Any, words: Iterable[str]) -> bool:
    """Return whether any of the words occurs anywhere in a record."""
    text = text_of(record)
    return any(word in text for word in words)


def blackened(value: Any, words: Iterable[str]) -> Any:
    """Return a copy with the words blackened, whether or not that has been done already."""
    if isinstance(value, dict):
        return {key: blackened(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [blackened(inner, words) for inner in value]
    if not isinstance(value, str):
        return value
    for word in words:
        value = value.replace(word, BLACK)
    return _BLACKENED.sub(BLACK, value)


class Payers:
    """The customer objects that the payment provider's objects belong to.

    Args:
        world: Knows whose card was whose; a detached one names no one.
        objects: The provider's objects, by kind.
    """

    def __init__(self, world: World, objects: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._cards = {account.card: account.id for account in world.accounts}
        self._charges = {str(charge["id"]): str(charge["customer"] or "") for charge in objects["charge"]}

    def of(self, kind: str, found: Mapping[str, Any]) -> str:
        """Return the customer object's key; empty where there is none."""
        match kind:
            case "customer":
                return str(found["id"])
            case "refund" | "dispute":
                return self._charges.get(str(found["charge"]), "")
            case "payment_method" if found["id"] in self._cards:
                return self._cards[found["id"]]
        return str(found.get("customer") or "")
