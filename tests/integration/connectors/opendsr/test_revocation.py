"""Revocation lists: fetched over HTTP, checked, kept for a while; what cannot be found out counts as revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from connectors.http import Patience
from connectors.opendsr import OpenDsrClient
from connectors.opendsr.proofs import NotProved
from connectors.opendsr.revocation import LONGEST_KEPT, PAUSE, RevocationLists, RevocationUnknown
from connectors.opendsr.signatures import check_certificate
from rightsflow.domain.errors import Refused, Transient
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.processors.opendsr import OpenDsrCall
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.opendsr import (
    CONTROLLER,
    DOMAIN,
    PEM,
    authority,
    certificate,
    revocation_list,
    running_processor,
)
from tests.support.peers.revocation import LIST, Lists, running_lists

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def running():
    with running_lists() as made:
        yield made


@pytest.fixture
def lists(running):
    """The host as it is at first: its list has no one on it."""
    running.__dict__.update(Lists(port=running.port, content=revocation_list(at=NOW)).__dict__)
    return running


@pytest.fixture
def leaf(lists):
    return certificate(lists=[lists.url])


def checked(leaf, lists, now=NOW, revocation=None):
    known = revocation or RevocationLists(["localhost"])
    return check_certificate(leaf.public_bytes(PEM), DOMAIN, [authority()], now, known)


def test_a_certificate_that_is_on_no_list_counts_and_one_that_is_revoked_does_not(lists, leaf):
    assert checked(leaf, lists) == leaf
    lists.content = revocation_list(leaf, at=NOW)
    with pytest.raises(NotProved, match="was revoked by its authority") as refused:
        checked(leaf, lists)
    assert not isinstance(refused.value, RevocationUnknown)
    assert lists.calls == [(f"localhost:{lists.port}", LIST)] * 2
    lists.content = revocation_list(certificate(), at=NOW)
    assert checked(leaf, lists) == leaf, "another one was revoked"


def test_a_list_is_kept_for_a_while_and_then_fetched_again(lists, leaf):
    known = RevocationLists(["localhost"])
    for _ in range(3):
        checked(leaf, lists, revocation=known)
    assert len(lists.calls) == 1
    lists.content = revocation_list(leaf, at=NOW)
    with pytest.raises(NotProved, match="revoked"):
        checked(leaf, lists, NOW + LONGEST_KEPT, known)
    assert len(lists.calls) == 2


def test_one_that_does_not_answer_is_not_asked_again_for_a_moment_and_the_kept_one_counts_as_long_as_it_says(
    lists, leaf
):
    known = RevocationLists(["localhost"])
    lists.status = 503
    for _ in range(3):
        with pytest.raises(RevocationUnknown, match=r"is not there, too large, or too slow\. It is asked again later"):
            checked(leaf, lists, revocation=known)
    assert len(lists.calls) == 1
    lists.status = 200
    assert checked(leaf, lists, NOW + PAUSE, known) == leaf
    lists.status = 503
    assert checked(leaf, lists, NOW + timedelta(days=6), known) == leaf
    with pytest.raises(RevocationUnknown, match="is over"):
        checked(leaf, lists, NOW + timedelta(days=8), known)


def scope(**said):
    given = dict.fromkeys(
        ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs"), False
    )
    given |= {"full_name": None, "relative_name": None, "only_some_reasons": None}
    return x509.IssuingDistributionPoint(**(given | said))


def elsewhere(*urls):
    return [x509.UniformResourceIdentifier(url) for url in urls]


UNFIT = {
    "is not there": {"status": 404},
    "leads elsewhere": {"status": 302, "headers": {"Location": "http://localhost/"}},
    "is no list": {"content": b"<html>"},
    "is empty": {"content": b""},
    "is too large": {"content": b"0" * 20_000_001},
    "is over": {"content": revocation_list(at=NOW - timedelta(days=8))},
    "is of a later day": {"content": revocation_list(at=NOW + timedelta(days=1))},
    "is another authority's": {"content": revocation_list(at=NOW, by="Another authority")},
    "is signed by another authority": {
        "content": revocation_list(at=NOW, by="Another authority", named="Test authority")
    },
    "speaks of authorities alone": {"content": revocation_list(at=NOW, scope=scope(only_contains_ca_certs=True))},
    "speaks of others' certificates": {"content": revocation_list(at=NOW, scope=scope(indirect_crl=True))},
    "speaks of another place": {
        "content": revocation_list(at=NOW, scope=scope(full_name=elsewhere("http://localhost/other.crl")))
    },
}


@pytest.mark.parametrize("which", UNFIT)
def test_a_list_that_says_nothing_of_the_certificate_lets_it_not_count(lists, leaf, which):
    lists.__dict__.update(UNFIT[which])
    with pytest.raises(RevocationUnknown):
        checked(leaf, lists)
    assert len(lists.calls) == 1


def test_a_list_for_leaves_at_its_own_address_counts_and_a_second_address_is_tried(lists):
    leaf = certificate(lists=[f"http://localhost:{lists.port + 0}/gone", lists.url])
    lists.content = revocation_list(at=NOW, scope=scope(only_contains_user_certs=True, full_name=elsewhere(lists.url)))
    assert checked(leaf, lists) == leaf


@pytest.mark.parametrize(
    ("urls", "hosts", "words"),
    [
        ((), ("localhost",), "names no revocation list"),
        (("ldap://localhost/",), ("localhost",), "names no revocation list"),
        (("http://user@localhost/",), ("localhost",), "names no revocation list"),
        (("http://localhost:99999/",), ("localhost",), "names no revocation list"),
        (("http://localhost:{port}/authority.crl",), (), "network of our own"),
        (("http://localhost:{port}/authority.crl",), ("c.lencr.org",), "not among those"),
        (("http://127.0.0.1:{port}/authority.crl",), ("localhost",), "not among those"),
        (("http://xlocalhost:{port}/authority.crl",), ("localhost",), "not among those"),
        (("http://169.254.169.254/latest",), (), "network of our own"),
        (("http://no-such-host.invalid/",), (), "not known"),
    ],
)
def test_only_hosts_that_may_be_asked_are_asked(lists, urls, hosts, words):
    leaf = certificate(lists=[url.format(port=lists.port) for url in urls])
    with pytest.raises(RevocationUnknown, match=words):
        checked(leaf, lists, revocation=RevocationLists(hosts))
    assert lists.calls == []


def test_nothing_is_asked_of_a_certificate_that_no_authority_issued(lists):
    for wrong in (certificate(itself=True, lists=[lists.url]), certificate("other.example", lists=[lists.url])):
        with pytest.raises(NotProved):
            checked(wrong, lists)
    assert lists.calls == []


def test_a_processors_answer_waits_for_the_list_and_is_refused_once_it_is_revoked(lists, leaf, tmp_path):
    call = OpenDsrCall(
        request_id="a8098c1a-f86e-41da-bd1a-00112444be1e",
        right=Right.ERASURE,
        submitted_at=NOW,
        identifiers=(identifier(IdentifierKind.CUSTOMER_ID, "C-10001"),),
    )
    with running_processor(tmp_path) as processor:
        processor.signing = leaf

        def client():
            return OpenDsrClient(
                "callhouse",
                base_url=processor.url,
                domain=DOMAIN,
                controller_id=CONTROLLER,
                token=lambda: "known",
                ca_file=processor.ca_file,
                now=lambda: NOW,
                patience=Patience(retries=0),
                revocation=RevocationLists(["localhost"]),
            )

        client().ask(call)
        lists.status = 503
        with pytest.raises(Transient, match="asked again later") as waits:
            client().status(call.request_id)
        assert waits.value.system == "callhouse"
        with pytest.raises(Transient):
            client().probe()
        lists.status, lists.content = 200, revocation_list(leaf, at=NOW)
        with pytest.raises(Refused, match="was revoked"):
            client().status(call.request_id)
