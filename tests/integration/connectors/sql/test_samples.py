"""X"""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.connector import MOST_SAMPLED, Sample
from tests.integration.connectors.sql import cdr, threads
from tests.integration.connectors.sql.peer import Peer


def sampled(peer: Peer, *identities: dict[str, Any], **more: Any) -> list[Sample]:
    table = {"name": "customers", "key": ["id"], "identities": list(identities), **more}
    return list(peer.connector([table]).samples())


@pytest.fixture
def customers(peer: Peer) -> Peer:
    peer.run("CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80), phone VARCHAR(80), sort VARCHAR(9))")
    rows = [(number, f"c{number}@example.com", f"0171 39{number:05}", "User") for number in range(1200)]
    columns = ("id", "email", "phone", "sort")
    peer.insert("customers", [dict(zip(columns, row, strict=True)) for row in rows])
    return peer


def test_a_right_mapping_reads_what_is_there_and_looks_at_a_bounded_number(customers: Peer):
    emails, phones = sampled(customers, {"column": "email", "kind": "email"}, {"column": "phone", "kind": "phone"})
    assert (emails.looked_at, emails.readable) == (MOST_SAMPLED, MOST_SAMPLED)
    assert (phones.looked_at, phones.readable) == (MOST_SAMPLED, MOST_SAMPLED)


def test_a_phone_column_that_is_declared_as_email_is_a_wrong_mapping(customers: Peer):
    """Such a mapping found nothing for everyone, and each case was answered with "Nothing held"."""
    (sample,) = sampled(customers, {"column": "phone", "kind": "email"})
    assert sample.is_wrong
    assert str(sample).startswith(
        "Of 1,000 values in the column phone of customers that should be an e-mail address, 0 "
    )
    (sample,) = sampled(customers, {"column": "email", "kind": "phone"})
    assert sample.is_wrong


def test_an_empty_column_and_a_where_that_nothing_fulfils_prove_nothing(customers: Peer):
    customers.run("UPDATE customers SET email = ''")
    assert [one.is_unproven for one in sampled(customers, {"column": "email", "kind": "email"})] == [True]
    (sample,) = sampled(customers, {"column": "phone", "kind": "phone"}, where={"sort": "Usr"})
    assert sample.is_unproven


def test_only_what_is_searched_for_is_counted(peer: Peer):
    # Own lines extensions and withheld numbers are not counted.
    cdr.fill(peer)
    table = cdr.CDR | {"identities": [{"column": "src", "kind": "phone"}, {"column": "clid", "kind": "phone",
                                                                           "form": "caller_id"}]}  # fmt: skip
    src, clid = peer.connector([table], own_numbers=list(cdr.OWN)).samples()
    assert src.readable == src.looked_at > 3
    assert clid.readable == clid.looked_at == 1
    threads.fill(peer)
    assert [(one.looked_at, one.readable) for one in threads.connector(peer).samples()] == [(3, 3)]
