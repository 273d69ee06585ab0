"""Orders: any body is read or refused without a word of it, and a certificate says the same when it is read again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.findings import Fate
from rightsflow.domain.errors import BadInput
from rightsflow.domain.orders.attestation import (
    Attestation,
    AttestedLine,
    AttestedPackage,
    lines_of,
    read_attestation,
    said_by,
)
from rightsflow.domain.orders.order import AskedOrder, OrderFault, place_of_callback, read_order, status_of
from rightsflow.domain.processors.opendsr import REQUEST_TYPES, OpenDsrStatus
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
MARK = "zebra-striped"
TEXTS = st.one_of(st.just(MARK), st.just(f"{MARK}@example.com"), st.text(max_size=12))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
IDENTITY = st.fixed_dictionaries(
    {
        "identity_type": st.sampled_from(["email", "controller_customer_id", "android_id"]) | JSON,
        "identity_value": TEXTS | JSON,
        "identity_format": st.sampled_from(["raw", "sha1"]) | JSON,
    }
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "regulation": st.sampled_from(["gdpr", "ccpa"]) | JSON,
        "subject_request_id": st.uuids(version=4).map(str) | JSON,
        "subject_request_type": st.sampled_from(["erasure", "access", "portability"]) | JSON,
        "subject_identities": st.lists(IDENTITY, max_size=3) | JSON,
        "submitted_time": st.just("2026-03-05T09:00:00Z") | JSON,
        "api_version": st.just("2.0") | JSON,
        "status_callback_urls": st.lists(st.just("https://dsr.example.com/told") | TEXTS, max_size=2) | JSON,
        "extensions": JSON | st.fixed_dictionaries({"rightsflow": JSON}),
    },
)


@given(BODY)
def test_any_body_is_read_or_refused_without_a_word_of_it(said):
    try:
        read = read_order(json.dumps(said).encode(), NOW)
    except OrderFault as error:
        assert MARK not in str(error)
        assert error.about
        return
    assert isinstance(read, AskedOrder)
    assert UUID(read.request_id).version == 4
    assert read.identifiers
    assert MARK not in repr(read.identifiers)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_request_are_refused(body):
    with pytest.raises(OrderFault):
        read_order(body, NOW)


def whole(**changes):
    said = {
        "regulation": "gdpr",
        "subject_request_id": "a8098c1a-f86e-41da-bd1a-00112444be1e",
        "subject_request_type": "erasure",
        "subject_identities": [
            {"identity_type": "controller_customer_id", "identity_value": "C-1", "identity_format": "raw"}
        ],
        "submitted_time": "2026-03-05T09:00:00Z",
    }
    return json.dumps(said | changes).encode()


def identity(kind="email", value="anna.quill@example.com", format_="raw"):
    return {"identity_type": kind, "identity_value": value, "identity_format": format_}


UNUSABLE = {
    "no law": {"regulation": None},
    "a type that is not taken": {"subject_request_type": "portability"},
    "an id that is no UUID": {"subject_request_id": "1"},
    "a UUID of another version": {"subject_request_id": "a8098c1a-f86e-11da-bd1a-00112444be1e"},
    "no identity": {"subject_identities": []},
    "too many identities": {"subject_identities": [identity()] * 51},
    "an identity of an unknown type": {"subject_identities": [identity("android_id")]},
    "an address that is none": {"subject_identities": [identity(value="anna.quill")]},
    "identities that are no objects": {"subject_identities": ["anna.quill@example.com"]},
    "an instant without a zone": {"submitted_time": "2026-03-05T09:00:00"},
    "an instant of tomorrow": {"submitted_time": "2026-03-06T09:00:00Z"},
    "no instant": {"submitted_time": None},
    "another version": {"api_version": "3.0"},
    "an extension that is not known": {"extensions": {"rightsflow": {"do": "more"}}},
    "exclusions without a provision": {"extensions": {"rightsflow": {"exclusions": [{"category": "invoices"}]}}},
    "a callback in clear": {"status_callback_urls": ["http://dsr.brand.example/"]},
    "a callback to a private address": {"status_callback_urls": ["https://10.0.0.1/"]},
    "a callback to a cloud's own service": {"status_callback_urls": ["https://169.254.169.254/latest/"]},
    "a callback to a number": {"status_callback_urls": ["https://2130706433/"]},
    "a callback to IPv6": {"status_callback_urls": ["https://[::1]/"]},
    "a callback with credentials": {"status_callback_urls": ["https://dsr.brand.example@127.0.0.1/"]},
    "a hashed identity": {"subject_identities": [identity(format_="sha256")]},
    "a callback to this machine": {"status_callback_urls": ["https://127.0.0.1/"]},
}


def test_a_request_that_is_not_usable_is_refused_and_not_quoted():
    for wrong, changes in UNUSABLE.items():
        body = whole(**changes)
        with pytest.raises(OrderFault) as fault:
            read_order(body, NOW)
        assert not any(value in str(fault.value) for value in ("anna.quill", "127.0.0.1")), wrong
    for body in (b"", b"[]", b"\xff", b"{" * 3000, b"[" * 60000, b'{"regulation": NaN'):
        with pytest.raises(OrderFault):
            read_order(body, NOW)


def test_a_request_is_known_by_what_it_asks_and_completed_only_with_a_certificate():
    # The same request sent again is known by what it asks and not by when.
    first, again = read_order(whole(), NOW), read_order(whole(submitted_time="2026-03-05T08:59:00+00:00"), NOW)
    assert first.digest == again.digest
    assert read_order(whole(subject_request_type="access"), NOW).digest != first.digest
    assert read_order(whole(extensions={"mparticle": {"mpid": 1}}), NOW).right is Right.ERASURE
    # The place of a callback is its host and an unusual port.
    assert place_of_callback("https://DSR.example.com/told") == "dsr.example.com"
    assert place_of_callback("https://dsr.example.com:443") == "dsr.example.com"
    assert place_of_callback("https://dsr.example.com:8443/") == "dsr.example.com:8443"
    # A status says completed only with a certificate.
    for state, begun, completed, status in (
        (CaseState.IN_PROGRESS, False, False, OpenDsrStatus.PENDING),
        (CaseState.IN_PROGRESS, True, False, OpenDsrStatus.IN_PROGRESS),
        (CaseState.ANSWERED, True, False, OpenDsrStatus.IN_PROGRESS),
        (CaseState.ANSWERED, True, True, OpenDsrStatus.COMPLETED),
        (CaseState.NOTHING_HELD, True, True, OpenDsrStatus.COMPLETED),
        (CaseState.REFUSED, True, False, OpenDsrStatus.CANCELLED),
        (CaseState.WITHDRAWN, False, False, OpenDsrStatus.CANCELLED),
    ):
        assert status_of(state, has_begun=begun, is_completed=completed) is status


LINE = st.builds(
    AttestedLine,
    category=st.sampled_from(["calls", "tickets"]),
    fate=st.sampled_from(Fate),
    records=st.just(1),
    legal_basis=st.sampled_from(["", "Art. 17(3)(b) GDPR"]),
    until=st.none() | st.dates(date(2026, 1, 1), date(2040, 1, 1)),
    ends_when=st.sampled_from(["", "the dispute ends"]),
)
ATTESTED = st.builds(
    Attestation,
    processor=st.just("Callhouse"),
    controller_id=st.just("example-devices"),
    request_id=st.uuids(version=4).map(str),
    right=st.sampled_from(sorted(REQUEST_TYPES)),
    received_at=st.just(NOW),
    completed_at=st.just(NOW),
    verified_at=st.none() | st.just(NOW),
    systems=st.integers(0, 9),
    lines=st.lists(LINE, max_size=8).map(lines_of),
    open_processors=st.integers(0, 2),
    by_hand=st.integers(0, 2),
    package=st.none() | st.just(AttestedPackage(sha256="00", key="AA==")),
)


@given(ATTESTED)
def test_a_certificate_says_the_same_when_it_is_read_again(one):
    assert read_attestation(json.dumps(said_by(one)).encode()) == one


@given(ATTESTED)
def test_a_certificate_is_whole_only_if_nothing_is_left(one):
    done = {Fate.ERASED, Fate.REDACTED, Fate.NOT_HELD, Fate.GONE}
    done |= {Fate.COPIED} if one.right is Right.ACCESS else set()
    assert one.is_whole == (
        all(line.fate in done for line in one.lines) and not one.open_processors and not one.by_hand
    )


@given(JSON)
def test_what_is_no_certificate_is_refused(said):
    with pytest.raises(BadInput):
        read_attestation(json.dumps(said).encode())
