"""Entries: one text for one content, linked by hashes, and read back as they were."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.ledger import GENESIS, START, link, read_entry
from rightsflow.audit.ledger.chain import canonical, ending
from rightsflow.domain.vocabulary.events import CaseEvent
from tests.unit.audit.ledger.chains import AT, CHAIN, MADE_WITH, links

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=3)
    ),
    max_leaves=8,
)
details = st.dictionaries(st.text(st.characters(codec="ascii"), max_size=8), values, max_size=4)


def test_an_entry_is_known_to_the_byte_and_to_the_one_before() -> None:
    # An entry is known to the byte.
    made = link(START, CHAIN, "CaseOpened", at=AT, actor="Olga Opener", details={"b": 2, "a": "é"}, made_with=MADE_WITH)
    assert made.body == (
        '{"actor":"Olga Opener","at":"2026-11-24T01:30:00.000000+00:00","chain":"DSR-2026-7K3M9Q",'
        '"details":{"a":"é","b":2},"event":"CaseOpened","made_with":{"code":"0.1.0","rules":"gdpr/3"},'
        f'"number":1,"previous":"{"0" * 64}"}}'
    )
    assert made.digest == hashlib.sha256(made.body.encode()).hexdigest()
    assert (made.number, made.head.number, made.head.digest) == (1, 1, made.digest)
    # Each entry carries the hash of the one before.
    made = links(4)
    assert [read_entry(one.body).previous for one in made] == [GENESIS, *(one.digest for one in made[:-1])]
    assert [one.number for one in made] == [1, 2, 3, 4]
    # The same instant in another zone is the same entry.
    zone = timezone(timedelta(hours=5, minutes=30))
    bodies = {
        link(START, CHAIN, "CaseOpened", at=at, actor="", details={}, made_with={}).body
        for at in (AT, AT.astimezone(zone))
    }
    assert len(bodies) == 1
    assert canonical({"event": CaseEvent.CASE_OPENED}) == '{"event":"CaseOpened"}'


@given(details, st.datetimes(timezones=st.just(UTC)), st.text(st.characters(exclude_categories=["Cs"])))
def test_an_entry_is_read_back_as_it_was(given_details: dict[str, object], at: datetime, actor: str) -> None:
    made = link(START, CHAIN, "StepDone", at=at, actor=actor, details=given_details, made_with=MADE_WITH)
    read = read_entry(made.body)
    assert (read.details, read.at, read.actor, read.event, read.chain) == (given_details, at, actor, "StepDone", CHAIN)
    assert made.body.endswith(ending(1, GENESIS))
    assert json.loads(made.body) == json.loads(canonical(json.loads(made.body)))


def test_what_is_no_entry_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        link(START, CHAIN, "CaseOpened", at=datetime(2026, 11, 24), actor="", details={}, made_with={})
    # What json has no form for is refused.
    for value in (float("nan"), 2**53, object(), {1: 2}):
        with pytest.raises(ValueError):
            link(START, CHAIN, "CaseOpened", at=AT, actor="", details={"value": value}, made_with={})
    # What is not an entry is not read.
    for old, new in (
        (",", ", "),
        ('"actor":"Olga",', ""),
        ('"actor":"Olga"', '"actor":"Olga","added":1'),
        ('"event"', '"Event"'),
        ('"at":"2026', '"at":"someday'),
        (
            "{",
            "[",
        ),
        ("Olga", "\\u004flga"),
    ):
        with pytest.raises(ValueError):
            read_entry(links(1)[0].body.replace(old, new))
