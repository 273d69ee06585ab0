"""The page: complete, readable, safe to open, and the same from the same entries."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

import pytest

from rightsflow.evidence import page as module
from rightsflow.evidence.fold import fold
from rightsflow.evidence.page import page
from rightsflow.ledger import read_entry
from tests.rightsflow.disclosure.test_pages import Page
from tests.rightsflow.evidence.story import STORY, digest, entries_of, exported

FIRST_FORMAT = "9957a34006df3c22fbd7a344d533344444ff460a97003df25440b6eb9c1677ea"
"""The SHA-256 of the story's page in format 1."""


def shown(story=STORY, **export):
    return Page(page(fold([read_entry(one.body) for one in exported(story, **export)])))


PAGE = shown()


@pytest.mark.parametrize(
    "expected",
    [
        "Erasure request, received on 5 March 2026; answered on 12 March 2026. Exported by Aud Itor on 14 March 2026.",
        "5 March 2026, 08:30 UTC+01:00",
        "Last day of the law 8 April 2026",
        "1 delegated, 1 erased, 1 redacted and 1 retained",
        "Earlier cases of the same person, found by keyed hashes: DSR-2025-AAAAAA.",
        "How the dates were computed: identity confirmed The clock stood for one day.",
        "Identity confirmed by Ida Identity on 7 March 2026, 09:00 UTC: call back to the known number.",
        "Four eyes: opened by Olga Opener, approved by Dana Decider.",
        "service tickets: 2 1 nobody could attribute",
        "11 March 2026, 09:00 UTC 2 absent",
        "1 attempt failed",
        "seen again 1 time and erased again",
        "The law obliges us to keep payment vouchers. Art. 17(3)(b) GDPR, § 147 AO 31 December 2034",
        "L11, answer: erased in part, and what stays 1 12 March 2026, 09:00 UTC 12 March 2026, 16:00 UTC Dana Decider",
        "Processor confirmed rightsflow processor Callhouse",
        "Alert acknowledged Dana Decider",
        "Personal data revealed Dana Decider",
        "Case handed over Olga Opener before case_owner, now dana",
        "Each of the 37 entries carries the SHA-256",
        "seal 7 covered the entries up to number 30 of 37. Those after it (entries 31 to 37), the note of this export",
    ],
)
def test_it_says(expected):
    assert expected in PAGE.text


def test_identifiers_and_records_are_hashes():
    assert digest("a") in PAGE.text
    assert f"{'4' * 16}…" in PAGE.text


def test_if_all_but_the_export_is_sealed_it_says_so():
    text = shown(sealed=36, seal=9).text
    assert "seal 9 covered the entries up to number 36 of 37. The last one (entry 37), the note of this export" in text


def test_if_no_seal_is_known_it_says_so():
    assert "stands under this file’s own signature alone" in shown(sealed=0, seal=0).text
    assert "No seal is noted in the entries" in Page(page(fold(entries_of()))).text


def test_an_empty_case_is_a_page_too():
    text = Page(page(fold(entries_of(STORY[:1])))).text
    for expected in ("Nobody has decided anything yet.", "No system was searched.", "None was raised.", "not yet"):
        assert expected in text


def test_the_same_person_on_both_sides_is_not_hidden():
    approved = ("DecisionRecorded", "Olga Opener", {"gate": "approval", "verdict": "approved"})
    assert "approved by Olga Opener – the same person." in shown((*STORY[:1], (1, *approved))).text


def test_what_happened_often_is_one_line():
    failed = (1, "StepFailed", "rightsflow", {"step": "erase", "system": "calls", "error": "It does not answer."})
    assert "Step failed (5 times)" in shown((*STORY[:1], *[failed] * 5)).text


def test_whatever_stands_in_the_entries_is_shown_and_not_run():
    evil = "<script>alert(1)</script><img src=//x onerror=alert(1)>"
    opened = (0, "CaseOpened", evil, {**STORY[0][3], "explanation": evil, "regime": evil})
    outcome = {"record": evil, "system": evil, "kind": evil, "category": evil, "outcome": "retained", "reason": evil}
    found = shown((opened, (1, "OutcomeRecorded", evil, outcome), (1, evil, evil, {evil: evil})))
    assert not found.all("script")
    assert not found.all("img")
    assert found.text.count("<script>alert(1)</script>") >= 8


def test_it_reaches_for_nothing():
    policy = next(one["content"] for one in PAGE.all("meta") if "content" in one and "default-src" in one["content"])
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    linked = [one[name] for _, one in PAGE.elements for name in ("src", "href", "action") if name in one]
    assert linked == ["#main"]
    assert not {"script", "link", "iframe", "form", "img"} & {tag for tag, _ in PAGE.elements}


def test_it_can_be_read_without_eyes():
    headings = [int(tag[1]) for tag, _ in PAGE.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))
    ids = [one["id"] for _, one in PAGE.elements if "id" in one]
    assert len(ids) == len(set(ids))
    assert {one["aria-labelledby"] for one in PAGE.all("section")} <= set(ids)
    assert all(one.get("scope") in {"col", "row"} for one in PAGE.all("th"))


def test_another_page_from_the_same_entries_needs_another_number():
    """Finished bundles are compared with what this version makes: if this fails, count ``FORMAT`` up."""
    assert module.FORMAT == 1
    assert hashlib.sha256(page(fold(entries_of()))).hexdigest() == FIRST_FORMAT
