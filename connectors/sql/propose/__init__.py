"""A proposed section for a database or files that are not described yet: tables, and what to do with their rows."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy.engine import Engine

from connectors.settings import SecretRef
from connectors.sql.client import read_only_engine
from connectors.sql.propose.described import SECONDS, describe
from connectors.sql.propose.facts import MOST_ROWS, ColumnType
from connectors.sql.propose.location import Location, layout_of, look_over
from connectors.sql.propose.sections import sections
from connectors.sql.propose.selection import Selection, select
from connectors.sql.propose.toml_text import render
from connectors.sql.settings import SqlSettings
from connectors.sql.stores import FsspecStore, location, without_secrets
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import KindDeclaration


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesPlace:
    """Where files are.

    Args:
        files: The location, without credentials.
        options: What its driver needs, secrets as references.
    """

    files: str
    options: Mapping[str, str] = field(default_factory=dict)


def propose(
    name: str,
    url: SecretRef | None,
    country: str,
    say: Callable[[str], None],
    kinds: Collection[KindDeclaration] = (),
    place: FilesPlace | None = None,
) -> str:
    """Return a commented section of ``rightsflow.toml`` for a database or CSV files; nothing is written there.

    Args:
        name: The system's name.
        url: Where the database's URL is; ``None`` if the tables are CSV files in the location.
        country: ISO 3166-1 alpha-2 code in which national phone numbers are read; empty for none.
        say: Is told what goes on.
        kinds: The further kinds of identifier that are known; one that is not declared is named for a person.
        place: The location of recordings and CSV files, if there is one.

    Raises:
        BadInput: No table was seen in which people can be found.
        Misconfigured: The URL is missing or unusable, or the login is refused.
        Transient: The database or the location does not answer.
    """
    found = _looked_over(name, place, say)
    engine = read_only_engine(url, SECONDS) if url else found.engine if found else None
    if engine is None:
        raise BadInput("Give where the database's URL is, or the location of CSV files with --files.")
    seen = describe(name, engine, country, say, kinds=kinds)
    selection = select(seen.tables, seen.links, kinds)
    if not selection.chosen:
        raise BadInput(
            f"None of the {len(seen.tables)} tables that this user sees has a column by which people can be found; "
            "give the URL of the database with the people, or a user who may read its tables."
        )
    more, told = _of_files(found, engine, selection, is_csv=url is None)
    keys: dict[str, object] = {"url": url.reference} if url else {}
    keys |= {"files": place.files, "files_options": dict(place.options)} if place else {}
    text = render(name, keys, selection, MOST_ROWS, more, told)
    SqlSettings.model_validate(tomllib.loads(text)["systems"][name])
    return text


def _looked_over(name: str, place: FilesPlace | None, say: Callable[[str], None]) -> Location | None:
    if place is None:
        return None
    try:
        options = without_secrets(dict(place.options))
        return look_over(name, FsspecStore(name, location(place.files), options, SECONDS), say)
    except ValueError as wrong:
        raise BadInput(f"The location cannot be used: {wrong}.") from None


def _of_files(
    found: Location | None, engine: Engine, selection: Selection, *, is_csv: bool
) -> tuple[dict[str, dict[str, object]], str]:
    """Return the keys of tables that are about files, and what a person has to know."""
    if found is None:
        return {}, ""
    more = defaultdict[str, dict[str, object]](dict)
    for table in selection.chosen if is_csv else ():
        more[table]["csv"] = found.csv[table].model_dump(exclude_defaults=True)
    texts = {ColumnType.TEXT, ColumnType.NUMBER, ColumnType.KEY}
    columns = {
        name: [column.name for column in item.facts.columns if column.type in texts]
        for name, item in selection.chosen.items()
    }
    dated = frozenset(table.name for table in sections(selection) if "occurred_at" in table.keys)
    if (layout := layout_of(found.paths, engine, columns, dated)) is not None:
        more[layout.table]["file"] = {"column": layout.column, "optional": True, "layout": list(layout.patterns)}
    left = len(found.paths) - (layout.fitting if layout else 0)
    told = f"Of {len(found.paths):,} files looked at, {left:,} have no id of a row in their names; add their patterns."
    return dict(more), told if left else ""
