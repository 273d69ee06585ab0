"""Plays an access and an erasure on a forest in a real database, and judges them by the rows and files themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from proofs.forests.world import SUBJECT, Forest
from rightsflow.config.sections.section import validate
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Document, Fact, Located, Method
from rightsflow.testing.bench import by_kind, decide, key_of, may_go

_KINDS: Final = {
    "email": "email", "number": "customer_id", "card": "customer_id", "phone": "phone", "name": "name",
    "born": "birth_date",
}  # fmt: skip
_UP: Final = {
    "account_id": "accounts", "order_id": "orders", "call_id": "calls", "ticket_id": "tickets",
    "profile_id": "profiles", "field_id": "fields",
}  # fmt: skip
_PARTS: Final = ("profile_id", "field_id")
_AT: Final = {"billing_email": "email", "billing_name": "name", "shipping_email": "email", "shipping_name": "name"}
_BLANKS: Final = {"number": "erased-{key}"}
_ROUNDS: Final = 9
_LATE: Final = 5
"""In every so many forests all records are to be deleted, also those in which other people stand."""


@dataclass(slots=True)
class Judgement:
    """What became of a forest."""

    given: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    tied: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def harms(self) -> list[str]:
        return [*(f"given: {one}" for one in self.given), *(f"destroyed: {one}" for one in self.destroyed)]


def tables(forest: Forest) -> list[dict[str, Any]]:
    return [_table(name, columns) for name, columns in forest.columns.items()]


def _table(name: str, columns: tuple[str, ...]) -> dict[str, Any]:
    identities: list[dict[str, Any]] = [{"column": one, "kind": _KINDS[one]} for one in columns if one in _KINDS]
    table: dict[str, Any] = {
        "name": name,
        "kind": name.rstrip("s"),
        "key": ["id"],
        "references": [
            {"column": one, "table": _UP[one], "to": "id", "part": one in _PARTS and name != "purchases"}
            for one in columns
            if one in _UP
        ],
    }
    if name == "calls":
        identities = [{"column": "src", "kind": "phone"}, {"column": "dst", "kind": "phone"}]
        table["one_person"] = False
    if name == "messages":
        identities, table["author"] = [{"column": "author", "kind": "email"}], "author"
    if name == "contacts":
        identities = [{"column": "value", "kind": "phone"}]
    if name == "fields":
        identities = [{"column": "held", "where": {"named": key}, "kind": kind} for key, kind in _AT.items()]
    blanked = {one["column"]: _BLANKS.get(one["column"], "") for one in identities if one["column"] != "born"}
    table["blank"] = blanked | {"mark": ""}
    table["to_null"] = ["born"] if "born" in columns else []
    if "file" in columns:
        table["file"] = {"column": "file", "kind": f"{name}-file"}
        table["file"] |= {} if name == "documents" else {"extensions": [".wav"]}
    return {key: value for key, value in table.items() if value != []} | {"identities": identities}


def plant(forest: Forest, engine: sa.Engine, folder: Path) -> None:
    """Write a forest into an empty database and folder."""
    metadata = sa.MetaData()
    for name, columns in forest.columns.items():
        kinds = {one: sa.Integer() if one.endswith("_id") else sa.String(60) for one in columns}
        typed = [sa.Column(one, kind) for one, kind in kinds.items()]
        sa.Table(
            name, metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("mark", sa.String(20)), *typed
        )
    metadata.create_all(engine)
    with engine.begin() as connection:
        for row in forest.rows:
            connection.execute(sa.insert(metadata.tables[row.table]).values(row.values))
    for name, (content, _) in forest.files.items():
        (folder / _stored(name)).write_text(content)


def _stored(name: str) -> str:
    return name if name.startswith("doc") else f"{name}.wav"


def planted_and_played(forest: Forest, url: str, folder: Path) -> Judgement:
    files = folder / "files"
    files.mkdir()
    driven = url.replace("postgresql:", "postgresql+psycopg:").replace("mysql:", "mysql+pymysql:")
    engine = sa.create_engine(driven, poolclass=NullPool)
    plant(forest, engine, files)
    return play(forest, url, engine, files)


def play(forest: Forest, url: str, engine: sa.Engine, folder: Path) -> Judgement:
    """Play an access and then an erasure of the subject's, and judge both."""
    connector = _connector(forest, url, folder)
    located, known = _located(connector, _request(forest))
    judgement = Judgement()
    marks = "\n".join(_given(connector, located, known))
    judged = [row for row in forest.rows if not row.cannot_tell]
    judgement.given = [row.mark for row in judged if SUBJECT not in row.owners and row.mark in marks]
    judgement.given += [name for name, content in _others_files(forest).items() if content in marks]
    tied = [row for row in forest.rows if row.is_tied]
    judgement.tied = len(tied)
    judgement.missed = [row.mark for row in tied if row.mark not in marks]
    before, files = _dump(engine), _files(folder)
    # As if the plan had been made before other people came into the records.
    is_late = not forest.seed % _LATE
    facts = {one.record: one for one in located}
    for _, refs in by_kind(connector, [one.record for one in located]):
        going = [ref for ref in refs if is_late or may_go(facts[ref], Method.ERASE)]
        for ref in (ref for ref in refs if ref not in going):
            list(connector.erase([ref], Method.REDACT, known))
        list(connector.erase(going, Method.ERASE, known))
    after = _dump(engine)
    _compare(forest, judgement, before, after, files, _files(folder))
    kept = {str(row["mark"]) for row in after.values()}
    judgement.missed += [f"{row.mark} (not erased)" for row in tied if row.mark in kept]
    return judgement


def _connector(forest: Forest, url: str, folder: Path) -> SqlConnector:
    secret = folder.parent / "url"
    secret.write_text(url)
    section = {
        "connector": "sql", "purposes": ["repairs"], "categories": ["orders"], "source": "the data subject",
        "retention": "24 months", "url": f"file:{secret}", "files": folder.as_uri(), "tables": tables(forest),
    }  # fmt: skip
    settings = validate(SqlSettings, section, "[systems.forest]")
    return SqlConnector("forest", settings, ControllerPlace(country="DE", timezone="Europe/Berlin"))


def _request(forest: Forest) -> Identifiers:
    asked = forest.asked
    given = {IdentifierKind.EMAIL: asked.email, IdentifierKind.NAME: asked.name, IdentifierKind.BIRTH_DATE: asked.born}
    if forest.seed // 3 % 3 == 0:  # On each of the databases, which take turns by the seed.
        given[IdentifierKind.PHONE] = asked.phone
    if forest.seed // 9 % 2:
        given[IdentifierKind.CUSTOMER_ID] = asked.customer
    return frozenset(identifier(kind, value, country="DE") for kind, value in given.items())


def _located(connector: SqlConnector, known: Identifiers) -> tuple[list[Located], Identifiers]:
    stated = known
    for _ in range(_ROUNDS):
        everything = list(connector.locate(known))
        resolution = decide(everything, known, stated)
        if resolution.known == known:
            break
        known = resolution.known
    mine = [one for one in everything if resolution.attributions[key_of(one.record)] is Attribution.SUBJECT]
    shared = {one.record for one in mine if key_of(one.record) in resolution.shared}
    located = [replace(one, facts=one.facts | ({Fact.SHARED} if one.record in shared else set())) for one in mine]
    used_by_others = {one for one in resolution.contested - stated if one.kind is IdentifierKind.PHONE}
    return located, known - used_by_others


def _given(connector: SqlConnector, located: list[Located], known: Identifiers) -> Iterator[str]:
    for part in connector.extract([one.record for one in located], known):
        yield str(dict(part.content)) if isinstance(part, Document) else b"".join(part.open()).decode()


_Dump = Mapping[tuple[str, int], Mapping[str, Any]]


def _dump(engine: sa.Engine) -> _Dump:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            (name, row["id"]): dict(row)
            for name, table in metadata.tables.items()
            for row in connection.execute(sa.select(table)).mappings()
        }


def _files(folder: Path) -> dict[str, str]:
    return {one.name: one.read_text() for one in folder.iterdir()}


def _compare(
    forest: Forest, judgement: Judgement, before: _Dump, after: _Dump, files: dict[str, str], left: dict[str, str]
) -> None:
    for row in (row for row in forest.rows if not row.cannot_tell):
        place = row.table, int(row.values["id"])
        if SUBJECT not in row.owners and after.get(place) != before[place]:
            judgement.destroyed.append(row.mark)
        elif row.owners - {SUBJECT} and place not in after:
            judgement.destroyed.append(f"{row.mark} (shared)")
    gone = [one for one in _others_files(forest) if left.get(_stored(one)) != files[_stored(one)]]
    judgement.destroyed += gone


def _others_files(forest: Forest) -> dict[str, str]:
    judged = {name: one for name, one in forest.files.items() if name not in forest.untold}
    return {name: content for name, (content, owners) in judged.items() if owners != {SUBJECT}}
