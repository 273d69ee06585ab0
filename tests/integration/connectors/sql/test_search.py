"""Searches: numbers and addresses in any spelling, and the indexes of the documentation that serve them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
import sqlalchemy as sa
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.sql.persons import PhoneReader
from connectors.sql.search import address_patterns, holds_address, holds_number, number_patterns
from connectors.sql.text import as_text
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.spellings.fields import phone_tail, readings
from tests.integration.connectors.sql.peer import Peer
from tests.support.peers.mariadb import running_mariadb

ADDRESSES = ("anna@example.com", "a.b+c-d_e@example.com", "o'neil@example.com", "zoë@bücher.example")
SIGNS = ("@", "＠", "﹫", "%40", "\u200b@", "@\u2060", "\u00ad＠\ufeff")
WRAPPINGS = (
    "{}", " {}\n", "<{}>", '"Anna, Example" <{}>', "mailto:{}?subject=x", "SMTP:{};X400:c=US", "ben@example.com/{}",
    "'{}'", "Anna\n{}", "({}) (privat)", "é{}", "jo{}", "{}.example", "x.{}", "anna-{}", "1{}", "%3C{}",
)  # fmt: skip
NUMBER = "+4930901820"
WRITTEN = (
    "+4930901820", "004930901820", "030901820", "4930901820", "030 90 18 20", "030/901-820", "(030) 90.18.20",
    "+49 (0)30 901820", "+49(0)30/901820", "(+49) 30 901820", "+ 49 30 901820", "(0049) 30 901820", "[030] 901820",
    "030-90 18\u201320", "030\u00a090\u202f18\u200920", "030\u221290\u00b71820", "03\u200b0 9018\u00ad20", "030,901820",
    "030\t901820", "030*901820", "030_901_820", "030~901820", "030901820.0",
)  # fmt: skip
FULL, ARABIC, PERSIAN, HINDI, BOLD, RAISED = (
    str.maketrans("0123456789", digits)
    for digits in ("０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⁰¹²³⁴⁵⁶⁷⁸⁹")
)
SCRIPTS = ({}, FULL, ARABIC, PERSIAN, HINDI, BOLD, RAISED)
AROUND = ("{}", " {} (privat)", "{} ext. 17", "{} Büro", "Tel. {}", "{}, 201", "電話 {}", "sip:{}@10.0.0.1:5060")
MIXED = (
    "030 90182０",
    "０30 9０18２0",
    "030 9٠18٢0",
    "+٤٩ 30 901820",
    "030 90⑱20",
    "⑶0 901820",
    "03090182⁰",
    "０３０－９０１８－２０",
)
OTHERS = (
    "", "anonymous", "Büro", "030 901821", "030 90182", "030 901820 1", "9018 030 20 x", "٠٣٠ ٩٠١٨٢١", "09018203",
    "4711 / 901 822 0 30", "½", "⑩⑱",
)  # fmt: skip
ALIKE = ("030 901820 1", "09018203", "½", "⑩⑱")
"""Of the others' texts those that are fetched, and are not read as the number."""
PAGE = Path(__file__).parents[4] / "docs/how-to/operators/large-databases.md"
KNOWN = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.CUSTOMER_ID, "C-100"),
        identifier(IdentifierKind.PHONE, "+49 30 901820"),
    }
)
TABLES: list[dict[str, Any]] = [
    {"name": "comments", "key": ["id"], "identities": [{"column": "author", "kind": "email"}]},
    {"name": "accounts", "key": ["id"], "identities": [{"column": "customer", "kind": "customer_id"}]},
    {"name": "callers", "key": ["id"], "identities": [{"column": "phone", "kind": "phone"}]},
    {
        "name": "calls",
        "key": ["id"],
        "references": [{"column": "account", "table": "accounts", "to": "id"}],
        "file": {"column": "recording", "kind": "recording"},
    },
]
TABLES_OF = {"comments": "author", "accounts": "customer", "callers": "phone", "calls": "recording"}


def texts(address: str) -> list[str]:
    """The address in every form, and neighbours' addresses that contain its letters."""
    local, _, domain = address.rpartition("@")
    forms = [wrapping.format(f"{local}{sign}{domain}") for wrapping, sign in product(WRAPPINGS, SIGNS)]
    longer = [f"{local}{more}@{domain}" for more in ("1", "maria", "-maria", "ë", ".x", "%401")]
    return [one for text in (*forms, *longer) for one in (text, text.upper())]


@pytest.mark.parametrize("address", ADDRESSES)
def test_whatever_can_be_read_as_the_address_is_fetched(address: str, each_peer: Peer) -> None:
    stored = dict(enumerate(texts(address)))
    each_peer.run("CREATE TABLE written (id INTEGER PRIMARY KEY, text VARCHAR(200))")
    table = sa.table("written", sa.column("id", sa.Integer), sa.column("text", sa.String))
    with each_peer.engine.begin() as connection:
        connection.execute(table.insert(), [{"id": key, "text": text} for key, text in stored.items()])
        found = sa.select(table.c.id).where(sa.or_(*holds_address(table.c.text, address_patterns([address]))))
        fetched = set(connection.scalars(found))
    read = {one for one, text in stored.items() if address in {it.value for it in readings(IdentifierKind.EMAIL, text)}}
    assert len(read) > 60
    assert read <= fetched
    if address.isascii():
        plain = (address, address.replace("@", "%40"))
        assert all(any(one in stored[key].lower() for one in plain) for key in fetched if stored[key].isascii())


def _texts() -> dict[int, str]:
    forms = [one.translate(script) for one, script in product(WRITTEN, SCRIPTS)] + list(MIXED)
    return dict(enumerate([*(around.format(one) for one, around in product(forms, AROUND)), *OTHERS]))


def _fetched(engine: sa.Engine, type_: str) -> set[int]:
    table = sa.Table("numbers", sa.MetaData(), sa.Column("id", sa.Integer), sa.Column("tel", sa.String(120)))
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE numbers (id INTEGER PRIMARY KEY, tel {type_})"))
        connection.execute(table.insert(), [{"id": key, "tel": text} for key, text in _texts().items()])
        patterns = number_patterns([phone_tail(NUMBER)], lambda texts: texts)
        conditions = holds_number(as_text(table.c.tel), patterns)
        return set(connection.scalars(sa.select(table.c.id).where(sa.or_(*conditions))))


def _check(fetched: set[int]) -> None:
    texts = _texts()
    read = {
        key
        for key, text in texts.items()
        if NUMBER in {one.value for one in readings(IdentifierKind.PHONE, text, countries=("DE",))}
    }
    assert {texts[key] for key in read - fetched} == set()
    assert {texts[key] for key in fetched} & set(OTHERS) <= {*ALIKE}
    assert {*WRITTEN, *MIXED} <= {texts[key] for key in read}
    assert not {texts[key] for key in read} & set(OTHERS)


@pytest.mark.apart
def test_whatever_can_be_read_as_the_number_is_fetched(each_peer: Peer) -> None:
    _check(_fetched(each_peer.engine, "VARCHAR(120)"))


@pytest.mark.apart
@pytest.mark.xdist_group("mariadb")
def test_so_it_is_on_mariadb() -> None:
    for collation in ("utf8mb4_unicode_ci", "utf8mb4_bin"):
        with running_mariadb() as server, server.database() as database:
            engine = database.engine()
            _check(_fetched(engine, f"VARCHAR(120) COLLATE {collation}"))


@contextmanager
def listening() -> Iterator[list[tuple[str, Any]]]:
    """The statements with their parameters that are executed meanwhile."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        heard.append((statement, parameters))

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", hear)


def plans(peer: Peer, statement: str, parameters: Any) -> str:
    """How the database goes about it, where reading a whole table is its last resort."""
    with peer.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


def test_the_documented_indexes_are_used(postgres_peer: Peer) -> None:
    peer = postgres_peer
    peer.run(
        "CREATE TABLE comments (id INTEGER PRIMARY KEY, author TEXT)",
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, customer TEXT)",
        "CREATE TABLE callers (id INTEGER PRIMARY KEY, phone VARCHAR(40))",
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, account INTEGER, recording TEXT)",
        *(
            one.replace("%", "%%")
            for one in re.findall(r"```sql\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        ),
    )
    peer.insert("comments", [{"id": 1, "author": "Anna <Anna@Example.com>"}])
    peer.insert("accounts", [{"id": 1, "customer": "C-100 "}])
    peer.insert("callers", [{"id": 1, "phone": "030/90 18 20"}, {"id": 2, "phone": "030 ９٠१820"}])
    peer.insert(
        "calls", [{"id": 1, "account": 1, "recording": "A/INBOX-1.wav"}, {"id": 2, "account": None, "recording": ""}]
    )
    (peer.folder / "A").mkdir()
    (peer.folder / "A/INBOX-1.wav").write_bytes(b"RIFF")
    connector = peer.connector(TABLES)
    with listening() as heard:
        assert {one.record.kind for one in connector.locate(KNOWN)} == {*TABLES_OF, "recording"}
    for table, column in TABLES_OF.items():
        (asked,) = (one for one in heard if f".{column}" in one[0].partition("WHERE")[2])
        assert f"on {table}" in (plan := plans(peer, *asked))
        assert "Seq Scan" not in plan


def test_each_search_is_planned_for_what_it_searches_for(postgres_peer: Peer) -> None:
    """After ten searches PostgreSQL planned for any address, and went three times through the index for each."""
    peer, found = postgres_peer, set()
    peer.run("CREATE TABLE accounts (id INTEGER PRIMARY KEY, customer TEXT)")
    peer.insert("accounts", [{"id": 1, "customer": "C-100"}])

    def ask(connection: sa.Connection, *_: object) -> None:
        with connection.connection.cursor() as cursor:
            cursor.execute("SHOW plan_cache_mode")
            found.update(cursor.fetchone() or ())

    sa.event.listen(sa.engine.Engine, "after_cursor_execute", ask)
    try:
        assert len(list(peer.connector(TABLES[1:2]).locate(KNOWN))) == 1
    finally:
        sa.event.remove(sa.engine.Engine, "after_cursor_execute", ask)
    assert found == {"force_custom_plan"}


READER = PhoneReader(country="DE", own_numbers=("+4930901000", "+49309011*"))


def phone(text: str) -> Identifier:
    return identifier(IdentifierKind.PHONE, text)


ENGINE = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)


def matches(text: str, known: Identifiers, **how) -> bool:
    """As the connector decides: the database's condition first, then the reading."""
    conditions = holds_number(sa.literal(text), number_patterns(READER.tails(known), lambda texts: texts))
    with ENGINE.connect() as database:
        found = database.scalar(sa.select(sa.or_(*conditions)))
    return bool(found) and any(one.may_be & known for one in READER.read(text, **how))


@st.composite
def numbers(draw: st.DrawFn) -> Identifier:
    """German numbers that exist, of every length."""
    area = draw(st.sampled_from(["30", "89", "171", "176", "4931", "33203"]))
    rest = draw(st.text("0123456789", min_size=4, max_size=11 - len(area)))
    text = f"+49{area}{rest}"
    assume(phonenumbers.is_valid_number(phonenumbers.parse(text)))
    number = phone(text)
    assume(READER.is_somebodys(number))
    return number


@st.composite
def clear_spellings(draw: st.DrawFn, number: Identifier) -> str:
    """A number as systems store it, with its trunk prefix or its country code marked as such."""
    national = number.value.removeprefix("+49")
    text = draw(st.sampled_from(["+49", "0049", "0", "+49(0)", "+49 0"])) + national
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(4, len(text)))
        text = text[:at] + draw(st.sampled_from([" ", "-", "/", ".", "  "])) + text[at:]
    return text.rstrip(" -/.")


@pytest.mark.apart
@given(st.data())
def test_no_spelling_of_the_number_is_missed(data: st.DataObject):
    number = data.draw(numbers())
    assert matches(data.draw(clear_spellings(number)), frozenset({number}))


@given(numbers())
def test_a_number_as_trunks_deliver_it_is_not_missed(number: Identifier):
    assert matches(number.value.removeprefix("+"), frozenset({number}))


@given(st.data())
def test_another_number_never_matches(data: st.DataObject):
    known = data.draw(numbers())
    # Near misses too: longer by a digit at either end, shorter by one, or another last digit.
    national = known.value.removeprefix("+49")
    near = st.sampled_from([national + "1", "1" + national, national[:-1], national[:-1] + str(9 - int(national[-1]))])
    other = data.draw(st.one_of(numbers(), near.map(lambda text: Identifier(IdentifierKind.PHONE, f"+49{text}"))))
    assume(other != known)
    assert not matches(data.draw(clear_spellings(other)), frozenset({known}))


def test_spellings_seen_in_the_field():
    # Spellings seen in the field.
    for text in (
        "0171 39 200 12",
        "0171/3920012",
        "+49 (0)171 3920012",
        "00491713920012",
        "4901713920012",
        "49-171-3920012",
    ):
        assert matches(text, frozenset({phone("+491713920012")}))
    for text in ("", " ", "anonymous", "unknown", "s", "201", "60012", "+4930901000", "030 901 1234"):
        assert READER.read(text) == ()
    assert READER.tails(frozenset({phone("+4930901000"), phone("+49309011201")})) == []
    # Forms that hold a number among other things.
    for form, text in (
        ("caller_id", '"Anna Example" <01713920012>'),
        ("caller_id", "01713920012"),
        ("embedded", "PJSIP/+491713920012-00000012"),
        ("embedded", "SIP/trunk/00491713920012,300,T"),
    ):
        assert matches(text, frozenset({phone("+491713920012")}), form=form)
    assert not matches("PJSIP/+4917139200123-00000012", frozenset({phone("+491713920012")}), form="embedded")
    # National spellings of several countries.
    vienna = phone("+43 1 5125252")
    assert not matches("01 5125252", frozenset({vienna}))
    assert matches("01 5125252", frozenset({vienna}), countries=("DE", "AT"))
    assert matches("14155552671", frozenset({phone("+14155552671")}))
    assert not matches("14155552671", frozenset({phone("+14155552671")}), bare=False)
