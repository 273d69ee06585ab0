"""Vendors' request ids: what passes, what is hashed, and that no way into an error or an outcome leads past that."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from rightsflow.domain.errors import ConnectorError, Permanent, Refused, Transient, safe_request_id
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

ALLOWED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-")
HASHED = re.compile(r"sha256:[0-9a-f]{16}\Z")
TICKET = RecordRef("helpdesk", "ticket", "7")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
IDS = ANY_TEXT | st.text(sorted(ALLOWED), max_size=80)


@given(IDS)
@example("req_1AbC")
@example("x" * 64)
@example("x" * 65)
@example("req-1\n")
@example("anna.quill@example.com")
@example("+49 30 901820")
@example("\ud800")
def test_what_may_be_kept_is_plain_and_short_or_a_hash(given_id):
    kept = safe_request_id(given_id)
    is_plain = 1 <= len(given_id) <= 64 and set(given_id) <= ALLOWED
    assert (kept == given_id) if is_plain or not given_id else HASHED.match(kept)
    assert safe_request_id(kept) == kept


@given(IDS, IDS)
def test_the_same_id_is_found_again_and_another_is_not(one, other):
    assert (safe_request_id(one) == safe_request_id(other)) is (one == other)


def test_an_id_is_kept_as_a_hash_that_its_vendor_can_compute():
    assert safe_request_id("anna.quill@example.com") == "sha256:f9bd865fa56cd8a1"
    # An error of somebody elses connector is no exception.
    for kind in (ConnectorError, Permanent, Refused):

        class Theirs(kind):
            """What a third party's connector may raise."""

        assert "quill" not in str(Theirs("It failed.", request_id="for anna.quill@example.com"))


@given(IDS)
def test_no_error_and_no_outcome_takes_another(given_id):
    kept = safe_request_id(given_id)
    errors = [kind("It failed.", request_id=given_id) for kind in (ConnectorError, Transient, Permanent, Refused)]
    assert {one.request_id for one in errors} == {kept}
    assert {str(one) for one in errors} == {f"It failed. (request {kept})" if kept else "It failed."}
    made = Outcome(record=TICKET, kind=OutcomeKind.ERASED, request_id=given_id)
    assert made.request_id == kept
    assert replace(Outcome(record=TICKET, kind=OutcomeKind.ERASED), request_id=given_id) == made
