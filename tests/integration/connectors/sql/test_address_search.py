"""What a search by e-mail fetches: every row in which the address can be read, and not all that contain its letters."""

from __future__ import annotations

from itertools import product

import pytest
import sqlalchemy as sa

from connectors.sql.search import address_patterns, holds_address
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings import readings
from tests.integration.connectors.sql.peer import Peer

ADDRESSES = ("anna@example.com", "a.b+c-d_e@example.com", "o'neil@example.com", "zoë@bücher.example")
SIGNS = ("@", "＠", "﹫", "%40", "\u200b@", "@\u2060", "\u00ad＠\ufeff")
WRAPPINGS = (
    "{}", " {}\n", "<{}>", '"Anna, Example" <{}>', "mailto:{}?subject=x", "SMTP:{};X400:c=US", "ben@example.com/{}",
    "'{}'", "Anna\n{}", "({}) (privat)", "é{}", "jo{}", "{}.example", "x.{}", "anna-{}", "1{}", "%3C{}",
)  # fmt: skip


def texts(address: str) -> list[str]:
    """The address in every form, and neighbours' addresses that contain its letters."""
    local, _, domain = address.rpartition("@")
    forms = [wrapping.format(f"{local}{sign}{domain}") for wrapping, sign in product(WRAPPINGS, SIGNS)]
    longer = [f"{local}{more}@{domain}" for more in ("1", "maria", "-maria", "ë", ".x", "%401")]
    return [one for text in (*forms, *longer) for one in (text, text.upper())]


@pytest.mark.parametrize("address", ADDRESSES)
def test_whatever_can_be_read_as_the_address_is_fetched(address: str, peer: Peer) -> None:
    stored = dict(enumerate(texts(address)))
    peer.run("CREATE TABLE written (id INTEGER PRIMARY KEY, text VARCHAR(200))")
    table = sa.table("written", sa.column("id", sa.Integer), sa.column("text", sa.String))
    with peer.engine.begin() as connection:
        connection.execute(table.insert(), [{"id": key, "text": text} for key, text in stored.items()])
        found = sa.select(table.c.id).where(sa.or_(*holds_address(table.c.text, address_patterns([address]))))
        fetched = set(connection.scalars(found))
    read = {one for one, text in stored.items() if address in {it.value for it in readings(IdentifierKind.EMAIL, text)}}
    assert len(read) > 60
    assert read <= fetched
    if address.isascii():
        plain = (address, address.replace("@", "%40"))
        assert all(any(one in stored[key].lower() for one in plain) for key in fetched if stored[key].isascii())
