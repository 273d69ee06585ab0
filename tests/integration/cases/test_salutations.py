"""Whom letters greet, by what real databases hold: a name learnt beside a caller's number is no name to greet by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.letters.answers import write_refusal
from rightsflow.domain.gates.decisions import Decision, Gate, Mandate, Representative, Verdict
from tests.support.identity import confirmed
from tests.support.own_databases import answer, letter, search, with_databases

CALLS = {
    "tables": [
        {
            "name": "cdr",
            "kind": "call",
            "key": ["id"],
            "occurred_at": "at",
            "identities": [
                {"column": "clid", "kind": "phone", "form": "caller_id"},
                {"column": "cnam", "kind": "name"},
                {"column": "account", "kind": "customer_id"},
            ],
        }
    ]
}
A_CALL = """
CREATE TABLE cdr (id INTEGER PRIMARY KEY, clid TEXT, cnam TEXT, account TEXT, at TEXT);
INSERT INTO cdr VALUES (1, '"MEIER PRAXIS ZWEI" <+4930901820>', '+494066969194', 'C-10001', '2026-01-03');
"""
SHOP = {
    "tables": [
        {
            "name": "customer",
            "key": ["number"],
            "identities": [
                {"column": "number", "kind": "customer_id"},
                {"column": "mail", "kind": "email"},
                {"column": "name", "kind": "name"},
            ],
        },
        {
            "name": "parcel",
            "key": ["id"],
            "identities": [{"column": "customer", "kind": "customer_id"}, {"column": "addressee", "kind": "name"}],
        },
    ]
}
AN_ACCOUNT = """
CREATE TABLE customer (number TEXT PRIMARY KEY, mail TEXT, name TEXT);
CREATE TABLE parcel (id INTEGER PRIMARY KEY, customer TEXT, addressee TEXT);
INSERT INTO customer VALUES ('C-10001', 'anna.quill@example.com', '{name}');
INSERT INTO parcel VALUES (1, 'C-10001', 'Anna Dorothea Quillfeather');
"""


def greeted(body):
    return next(line for line in body.splitlines() if line.startswith(("Dear", "Good day")))


def answered_access(bench, *, check=None, **fields):
    fields = {"email": "", "customer_id": "C-10001"} | fields
    case_id = bench.open("access", **fields)
    record_decision(current_app(), case_id, check or confirmed(bench.moment[0]))
    search(case_id)
    answer(bench, case_id, "access")
    return letter(bench, case_id, "L9")


@pytest.mark.apart
def test_a_callers_name_greets_nobody(bench, tmp_path, monkeypatch):
    with_databases(bench, tmp_path, monkeypatch, {"calls": (A_CALL, CALLS)})
    with installed(bench.runtime):
        assert greeted(answered_access(bench)) == "Good day,"


@pytest.mark.apart
def test_the_name_in_the_persons_own_account_greets_them(bench, tmp_path, monkeypatch):
    script = AN_ACCOUNT.format(name="Anna Quillfeather")
    with_databases(bench, tmp_path, monkeypatch, {"calls": (A_CALL, CALLS), "shop": (script, SHOP)})
    with installed(bench.runtime):
        body = answered_access(bench, email="anna.quill@example.com")
        assert greeted(body) == "Dear Anna Quillfeather,"


@pytest.mark.apart
@pytest.mark.parametrize("name", ["Quillfeather GmbH", "+49 40 66969194", "anna.quill@example.com", "Kunde"])
def test_a_firm_or_a_number_in_an_account_greets_nobody(bench, tmp_path, monkeypatch, name):
    with_databases(bench, tmp_path, monkeypatch, {"shop": (AN_ACCOUNT.format(name=name), SHOP)})
    with installed(bench.runtime):
        assert greeted(answered_access(bench)) == "Good day,"


def test_the_requests_own_name_comes_first(bench, tmp_path, monkeypatch):
    with_databases(bench, tmp_path, monkeypatch, {"shop": (AN_ACCOUNT.format(name="A. Quillfeather"), SHOP)})
    with installed(bench.runtime):
        assert greeted(answered_access(bench, name="Anna Quillfeather")) == "Dear Anna Quillfeather,"


def test_a_parent_is_written_to_and_gets_the_passphrase(bench, tmp_path, monkeypatch):
    with_databases(bench, tmp_path, monkeypatch, {"shop": (AN_ACCOUNT.format(name="Anna Quillfeather"), SHOP)})
    check = confirmed(bench.moment[0])
    mother = Representative(name="Berta Quillfeather", mandate=Mandate.PARENT, seen_on=bench.moment[0].date())
    check = replace(check, check=replace(check.check, representative=mother))
    with installed(bench.runtime):
        body = answered_access(bench, check=check)
    assert greeted(body) == "Dear Berta Quillfeather,"
    assert "Berta Quillfeather, you get the passphrase yourself by telephone" in body


@pytest.mark.parametrize(
    ("code", "details"),
    [
        ("R9", {"Law that we checked": "Recital 27 GDPR: it does not apply to the dead"}),
        ("R8", {"What proof is needed": "a written power of attorney"}),
    ],
)
def test_nobody_is_said_to_have_asked_before_it_is_known_who_did(bench, tmp_path, monkeypatch, code, details):
    """The person may be dead, or a firm may have asked in their name."""
    with_databases(bench, tmp_path, monkeypatch, {"shop": (AN_ACCOUNT.format(name="Carl Meier"), SHOP)})
    with installed(bench.runtime):
        case_id = bench.open("erasure", email="", customer_id="C-10001", name="Carl Meier")
        refusal = Decision(
            gate=Gate.IDENTITY,
            verdict=Verdict.REFUSED,
            by="Ida",
            reason="it was not the person who wrote",
            code=code,
            details=details,
        )
        record_decision(current_app(), case_id, refusal)
        write_refusal(current_app(), case_id)
        body = letter(bench, case_id, "L7")
    assert greeted(body) == "Good day,"
    assert "Carl" not in body
    assert "we received a request to erase personal data" in body
    assert "you asked us" not in body
