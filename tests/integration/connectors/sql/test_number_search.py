"""What a search by telephone fetches: every row in which the number can be read, and few others, on each database."""

from __future__ import annotations

from itertools import product

import pytest
import sqlalchemy as sa

from connectors.sql.search import holds_number, number_patterns
from connectors.sql.text import as_text
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings import phone_tail, readings
from tests.integration.connectors.sql.peer import Peer
from tests.support.peers.mariadb import running_mariadb

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


def test_whatever_can_be_read_as_the_number_is_fetched(peer: Peer) -> None:
    _check(_fetched(peer.engine, "VARCHAR(120)"))


@pytest.mark.apart
@pytest.mark.xdist_group("mariadb")
@pytest.mark.parametrize("collation", ["utf8mb4_unicode_ci", "utf8mb4_bin"])
def test_so_it_is_on_mariadb(collation: str) -> None:
    with running_mariadb() as server, server.database() as database:
        engine = database.engine()
        _check(_fetched(engine, f"VARCHAR(120) COLLATE {collation}"))
