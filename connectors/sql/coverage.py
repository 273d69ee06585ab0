"""Coverage of a relational system: tables and columns that name people, or hold free text, and are not configured."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from connectors.sql.propose.described import SECONDS, describe
from connectors.sql.propose.facts import ColumnFacts, Content, TableFacts
from connectors.sql.propose.identities import Identity, identities_of
from connectors.sql.propose.links import TableLink, best_of
from connectors.sql.propose.sections import is_code, is_free_text, sections
from connectors.sql.propose.selection import Selection, select
from connectors.sql.propose.toml_text import keyed_line, plain, table_lines
from connectors.sql.rows import SqlSite
from connectors.sql.settings import SqlSettings
from connectors.sql.stray_files import uncovered_files
from connectors.sql.table_settings import TableSettings
from rightsflow.domain.coverage import PlaceKind, SystemPlace
from rightsflow.domain.identifier_kinds import KindDeclaration, declared_kinds
from rightsflow.domain.spellings.field_names import FieldSort


def uncovered(site: SqlSite) -> Iterator[SystemPlace]:
    """Read schema and samples, and yield what the configuration does not know.

    Args:
        site: The system.
    """
    settings, kinds = site.settings, [kind.declaration for kind in declared_kinds() if kind.declaration.form]
    seconds = min(settings.timeout_seconds, SECONDS)
    seen = describe(site.system, site.database.looking(seconds), site.phones.country, kinds=kinds)
    yield from uncovered_places(site.system, settings, seen.tables, seen.links, kinds)
    yield from uncovered_files(site)


def uncovered_places(
    system: str,
    settings: SqlSettings,
    tables: Sequence[TableFacts],
    links: Iterable[TableLink],
    kinds: Collection[KindDeclaration] = (),
) -> Iterator[SystemPlace]:
    """Yield the tables and columns that the configuration does not know; pure.

    Args:
        system: The system's name.
        settings: Its section.
        tables: Its tables, as they are.
        links: Their links.
        kinds: The declared kinds of identifier beside the built-in ones.
    """
    found = best_of(links, {table.name: table for table in tables})
    selection = select(tables, found, kinds)
    configured = {table.name.casefold(): table for table in settings.tables}
    settled = {name.casefold() for name in settings.not_personal}
    for table in tables:
        leading = {link.column for link in found if link.table == table.name}
        if own := configured.get(table.name.casefold()):
            yield from _columns(table, own, identities_of(table, leading, kinds), leading)
        elif not settled & {table.name.casefold(), table.name.rpartition(".")[2].casefold()}:
            yield from _table(system, table, selection, identities_of(table, leading, kinds), found, configured)


def _table(
    system: str,
    table: TableFacts,
    selection: Selection,
    identities: Sequence[Identity],
    links: Iterable[TableLink],
    configured: Mapping[str, TableSettings],
) -> Iterator[SystemPlace]:
    """A table that is not configured, if it names people or leads to a configured one."""
    named = list(dict.fromkeys(identity.kind.words[0] for identity in identities if identity.kind and identity.finds))
    leads = {link.other for link in links if link.table == table.name and link.other.casefold() in configured}
    if table.name not in selection.chosen and not named:
        return
    if not (named or leads):
        return
    looks_like = ", ".join(named) or f"rows of {', '.join(sorted(leads))}"
    lines = [
        line for section in sections(selection) if section.name == table.name for line in table_lines(system, section)
    ]
    yield SystemPlace(kind=PlaceKind.TABLE, name=table.name, looks_like=looks_like, lines="\n".join(lines))


def _columns(
    table: TableFacts, own: TableSettings, identities: Sequence[Identity], leading: Collection[str]
) -> Iterator[SystemPlace]:
    """The columns of a configured table that name people, and where rows are kept those of free text."""
    known = own.columns | {*leading} | {*own.labels, *own.codes}
    named = {identity.column: identity for identity in identities if identity.kind}
    for column in (column for column in table.columns if column.name not in known):
        if identity := named.get(column.name):
            lines = keyed_line("identities", [{"column": column.name, "kind": str(identity.kind)}])
            looks_like = identity.kind.words[0] if identity.kind else ""
            yield _place(table, column, looks_like, f"# to [[tables]] {plain(own.name)}:\n{lines}")
        elif own.blanked and _is_text(column):
            listed = keyed_line("not_personal", [column.name])
            lines = f"# to [[tables]] {plain(own.name)}: blank or to_null, or\n{listed}"
            yield _place(table, column, FieldSort.FREE_TEXT.value, lines)


def _place(table: TableFacts, column: ColumnFacts, looks_like: str, lines: str) -> SystemPlace:
    return SystemPlace(kind=PlaceKind.COLUMN, name=f"{table.name}.{column.name}", looks_like=looks_like, lines=lines)


def _is_text(column: ColumnFacts) -> bool:
    is_told = column.sort is FieldSort.FREE_TEXT or bool(column.count(Content.EMAIL_IN_TEXT))
    return is_told and is_free_text(column) and not is_code(column)
