"""Rows that the database hides: row-level security and views, and what cannot be changed or is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, RecordRef
from tests.integration.connectors.sql.peer import Peer

KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
TABLE = {"name": "customers", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}
VIEW = TABLE | {"name": "known_customers"}

MakeRole = Callable[[str], str]


@pytest.fixture
def role(postgres_peer: Peer) -> Iterator[MakeRole]:
    """Makes a role with all rights on the tables; roles are the server's, so it is dropped again."""
    assert postgres_peer.postgres
    name = f"hidden_{postgres_peer.postgres.name}"
    postgres_peer.run(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, tenant TEXT)",
        "INSERT INTO customers VALUES (1, 'anna@example.com', 'a'), (2, 'ben@example.com', 'b')",
        "CREATE VIEW known_customers AS SELECT id, email FROM customers WHERE tenant = 'b'",
        "CREATE VIEW counted AS SELECT min(id) AS id, email FROM customers GROUP BY email",
    )

    def make(options: str = "") -> str:
        postgres_peer.run(
            f"CREATE ROLE {name} LOGIN {options}",
            f"GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        )
        return name

    yield make
    postgres_peer.run(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def secure(peer: Peer) -> None:
    peer.run(
        "ALTER TABLE customers ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own_tenant ON customers USING (tenant = current_setting('app.tenant', true))",
    )


def test_row_level_security_is_no_empty_table(postgres_peer: Peer, role: MakeRole):
    """A policy gave no rows, and the answer was that nothing is held."""
    secure(postgres_peer)
    connector = postgres_peer.connector([TABLE], user=role())
    with pytest.raises(Misconfigured, match=r"row-level security.*BYPASSRLS"):
        list(connector.locate(KNOWN))
    with pytest.raises(Misconfigured, match="BYPASSRLS"):
        list(connector.presence([RecordRef("telephone", "customers", "[1]")], KNOWN))
    health = connector.probe()
    assert not health.ok
    assert "BYPASSRLS, since row-level security of customers hides rows" in health.detail


def test_who_bypasses_row_level_security_sees_everything_and_is_not_blamed_for_it(postgres_peer: Peer, role: MakeRole):
    """The doctor advised to remove the right without which the table looks empty."""
    secure(postgres_peer)
    connector = postgres_peer.connector([TABLE], user=role("BYPASSRLS"))
    assert len(list(connector.locate(KNOWN))) == 1
    health = connector.probe()
    assert (health.ok, health.excessive_rights) == (True, ())


def test_bypassing_is_too_much_where_nothing_needs_it(postgres_peer: Peer, role: MakeRole):
    health = postgres_peer.connector([TABLE], user=role("BYPASSRLS")).probe()
    assert health.excessive_rights == ("bypassing row security",)


def test_a_view_is_named_since_a_filter_in_it_hides_rows(postgres_peer: Peer, role: MakeRole):
    health = postgres_peer.connector([VIEW], user=role()).probe()
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "known_customers is a view; a filter in it hides rows" in health.detail


def test_a_view_of_sqlite_is_named_and_cannot_be_changed(sqlite_peer: Peer):
    sqlite_peer.run(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT)",
        "INSERT INTO customers VALUES (1, 'anna@example.com')",
        "CREATE VIEW known_customers AS SELECT * FROM customers",
    )
    connector = sqlite_peer.connector([VIEW])
    assert "is a view" in connector.probe().detail
    with pytest.raises(Misconfigured, match="a view that cannot be changed"):
        list(connector.erase([RecordRef("telephone", "known_customers", "[1]")], Method.ERASE, KNOWN))


@pytest.mark.apart
def test_a_view_that_cannot_be_updated_is_misconfigured(postgres_peer: Peer, role: MakeRole):
    """It was told as a passing fault, and tried again for ever."""
    connector = postgres_peer.connector([TABLE | {"name": "counted"}], user=role())
    assert not connector.probe().ok
    (one,) = connector.locate(KNOWN)
    with pytest.raises(Misconfigured, match=r"view that cannot be changed|not as configured"):
        list(connector.erase([one.record], Method.ERASE, KNOWN))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [("postgresql://no_such_role@", "refuses the login"), ("no_such_database", "not as configured")],
)
def test_an_unknown_role_or_database_is_misconfigured(postgres_peer: Peer, wrong: str, sentence: str):
    postgres_peer.run("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT)")
    connector = postgres_peer.connector([TABLE])
    assert postgres_peer.postgres
    secret = postgres_peer.folder.parent / "url-"
    right = "postgresql://postgres@" if "@" in wrong else postgres_peer.postgres.name
    secret.write_text(secret.read_text().replace(right, wrong))
    with pytest.raises(Misconfigured, match=sentence):
        list(connector.locate(KNOWN))


def test_options_of_the_url_stand_beside_ours(postgres_peer: Peer, role: MakeRole) -> None:
    """A search path in the url was passed over, and its tables were not found."""
    secure(postgres_peer)
    name = role()
    postgres_peer.run(
        "CREATE SCHEMA care", "ALTER TABLE customers SET SCHEMA care", f"GRANT USAGE ON SCHEMA care TO {name}"
    )
    assert postgres_peer.postgres
    url = f"{postgres_peer.postgres.url(name)}&options=-csearch_path%3Dcare%20-crow_security%3Don"
    connector = replace(postgres_peer, url=url, postgres=None).connector([TABLE])
    with pytest.raises(Misconfigured, match=r"row-level security.*BYPASSRLS"):
        list(connector.locate(KNOWN))
