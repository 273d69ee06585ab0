"""The probe: connection, tables and columns, rights that are needed, and rights that are too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import OID, REGCLASS

from connectors.sql.errors import RIGHT, state_of, translated
from connectors.sql.foreign_keys import dependents, sees_all
from connectors.sql.mysql import NAMES, has_trigger, keeps_past
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.samples import content_doubts
from connectors.sql.schema import taken_once
from connectors.sql.schema_comparison import schema_doubts
from connectors.sql.stray_files import strays
from connectors.sql.table_settings import TableSettings
from connectors.sql.text import as_text
from connectors.sql.unconfigured import unconfigured
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind

_VIEW = "{table} is a view; a filter in it hides rows, so make sure that it gives all of them."
_TRIGGER = (
    "{table} has a trigger or a rule that runs when a row is changed or deleted; where it keeps old values in another "
    "table, configure that table too, and name in residue or manual_step what becomes of the last values, which come "
    "there when the row goes; where it changes rows of another table, name that in triggers_change once it is seen "
    "that they are no other person's, else nothing is changed here."
)
_ALONG = (
    "The database removes rows of {other} along with those of {table}; configure that table too, or a row of {table} "
    "on which any hang is not erased."
)
_STAYS_WHOLE = (
    "Rows of {other} are blanked and stay, so the database keeps the rows of {table} to which they refer, whole; name "
    "in blank and to_null of {table} what goes from such a row."
)
_NO_WAY_BACK = (
    "{table} has no transactions, so nothing is corrected or blanked in it, and what is erased cannot be taken back "
    "together; convert it to InnoDB."
)
_PAST = (
    "{table} keeps every row that was changed or deleted (WITH SYSTEM VERSIONING); have its history deleted after each "
    "erasure, and say so in manual_step or residue."
)
_ONCE = (
    "The column {column} of {table} takes each value once, and blank gives it the same in every row, so the second "
    'person could not be erased; let the value have {{key}} in it, as in "erased-{{key}}".'
)
_UNREADABLE = "SELECT on {other}, whose rows the database removes along with those of {table}"
_UNSEEN = "it reads no data, and shows the foreign keys by which the database removes other rows along"
_LOOKED_THROUGH = 20_000
_LISTED = (
    "The column {column} of {table} holds several e-mail addresses in one row, which count as different people's: "
    "those beside the subject's are not searched for; write one_person = true if they always name the same person, "
    'else one_person = false, or form = "caller_id" where one of them is only a display name.'
)
_STRAY = (
    "Of {looked_at} files looked at in {folder}, no entry names {unnamed}: no person can be found for them; add a "
    "pattern to file.layout, or look at them by hand."
)
_KEPT = "The store keeps {kept}; state in residue of the file columns and CSV tables what remains and until when."
_ON_CHANGE = (1 << 3) | (1 << 4)
"""The bits of PostgreSQL's ``pg_trigger.tgtype`` for a deletion and a change."""
_RULES_ON_CHANGE = ("2", "4")
"""Its ``pg_rewrite.ev_type`` for a change and a deletion."""
_UPDATABLE = {"UPDATE": 1 << 2, "DELETE": 1 << 4}
"""The bits of PostgreSQL's ``pg_relation_is_updatable``."""
_TOO_MANY = {
    "rolsuper": "superuser",
    "rolcreatedb": "creating databases",
    "rolcreaterole": "creating users",
    "rolreplication": "replication",
    "rolbypassrls": "bypassing row security",
}


def probe(site: SqlSite) -> Health:
    """Look whether cases can be worked on; never raises for an unhealthy system."""
    try:
        return _look(site)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error.args[0]))


def _look(site: SqlSite) -> Health:
    if site.files is not None:
        site.files.check()
    tables = site.tables()
    with translated(site.system, "probe"), site.database.engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        postgres = connection.dialect.name == "postgresql"
        missing = [right for rows in tables for right in _missing(connection, rows)]
        missing += [right for rows in tables if postgres for right in _hidden_or_fixed(connection, rows)]
        missing += [right for rows in tables for right in _unreadable(connection, rows)]
        excessive = tuple(_excessive(connection, tables)) if postgres else ()
        told = [*_removed_along(connection, tables), *_stays_whole(connection, tables)]
        told += [*_of_engine(connection, tables), *_once(connection, tables)]
        if not missing:
            told += [doubt for rows in tables for doubt in _lists(connection, rows)]
            told += [*schema_doubts(connection, tables), *content_doubts(connection, tables)]
            told += unconfigured(connection, tables, " ".join(told))
        views = [_VIEW.format(table=rows.settings.name) for rows in tables if _is_view(connection, rows)]
        triggered = [_TRIGGER.format(table=rows.settings.name) for rows in tables if _has_trigger(connection, rows)]
    if site.files is not None and not site.files.writable():
        missing.append("removing files in the files' location")
    if kept := _kept_files(site):
        return Health(ok=False, detail=kept)
    if missing:
        listed = ", ".join(missing)
        return Health(ok=False, detail=f"The user lacks rights: {listed}; grant them.", excessive_rights=excessive)
    doubts = [*views, *triggered, *told, *_strays(site), *(doubt for rows in tables for doubt in _doubts(rows))]
    seen = f"The database answers; {len(tables)} tables are as configured."
    return Health(ok=True, detail=" ".join([seen, *doubts]), excessive_rights=excessive, is_doubtful=bool(doubts))


def _strays(site: SqlSite) -> Iterator[str]:
    """Files for which no person can be found."""
    for found in strays(site):
        yield _STRAY.format(unnamed=found.unnamed, looked_at=found.looked_at, folder=found.folder)


def _kept_files(site: SqlSite) -> str:
    """Return what is wrong if the store keeps removed files and the answer to a person does not say so."""
    stated = [table.file.residue for table in site.settings.tables if table.file]
    stated += [table.residue for table in site.settings.tables if table.csv]
    kept = site.files.store.kept_after_deletion() if site.files is not None and not all(stated) else ""
    return _KEPT.format(kept=kept) if kept else ""


def _removed_along(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    """Tables that are not configured, and from which the database removes rows along with configured ones."""
    known = {(rows.table.schema or "", rows.table.name) for rows in tables}
    names = {name for _, name in known}
    for rows in (table for table in tables if table.settings.erase == "delete"):
        others = {dependent.table.name for dependent in dependents(connection, rows) if dependent.goes_along} - names
        yield from (_ALONG.format(table=rows.settings.name, other=other) for other in sorted(others))


def _stays_whole(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    """Tables of which a row can neither be deleted nor blanked, since entries that are blanked refer to it."""
    blanked = {rows.settings.name for rows in tables if rows.settings.erase == "blank"}
    for rows in (table for table in tables if table.settings.erase == "delete" and not table.settings.blanks):
        others = {dependent.name for dependent in dependents(connection, rows)} & blanked
        yield from (_STAYS_WHOLE.format(table=rows.settings.name, other=other) for other in sorted(others))


def _unreadable(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """Tables in which no one can look whether rows hang on one that is to be erased."""
    hanging = dependents(connection, rows) if rows.settings.erase == "delete" else []
    for dependent in (item for item in hanging if item.goes_along):
        looked = sa.select(*(dependent.table.c[name] for name, _ in dependent.columns)).where(sa.false())
        try:
            with connection.begin_nested():
                connection.execute(looked)
        except sa.exc.DBAPIError as error:
            if state_of(error.orig) != RIGHT:
                raise
            yield _UNREADABLE.format(other=dependent.table.name, table=rows.settings.name)


def _once(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    """Columns that can be blanked for one person and for no other."""
    for rows in tables:
        names = taken_once(connection, rows.table, rows.settings)
        yield from (_ONCE.format(column=name, table=rows.settings.name) for name in names)


def _of_engine(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    """Yield the peculiarities of MySQL's and MariaDB's own kinds of table."""
    for rows in tables:
        if not rows.takes_back:
            yield _NO_WAY_BACK.format(table=rows.settings.name)
        if keeps_past(connection, rows.table):
            yield _PAST.format(table=rows.settings.name)


def _doubts(rows: TableRows) -> Iterator[str]:
    yield from _open_references(rows)
    yield from _several_people(rows.settings)


def _open_references(rows: TableRows) -> Iterator[str]:
    """References that lead to several tables by the value of a column beside them, and do not say which they mean."""
    settings = rows.settings
    for column in dict.fromkeys(reference.column for reference in settings.references):
        sibling = f"{column.removesuffix('_id')}_type"
        if sibling not in rows.table.columns or sibling in settings.where:
            continue
        if any(reference.column == column and sibling not in reference.where for reference in settings.references):
            yield (
                f"In the table {settings.name} the column {sibling} says what {column} refers to, and the reference "
                f'does not name it; add where = {{ {sibling} = "…" }}, or records of other things are found as well.'
            )


def _several_people(table: TableSettings) -> Iterator[str]:
    """Columns of one sort in a table that does not say whether they name one person, such as sender and recipient."""
    for columns in table.alike if "one_person" not in table.model_fields_set else ():
        yield (
            f"The table {table.name} has identities of one sort in the columns {' and '.join(columns)}, which count as "
            "different people's: the one beside the subject's is not searched for; write one_person = true if they "
            "always name the same person, else one_person = false."
        )


def _lists(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """Columns of e-mail addresses that hold several in a row, of a table that does not say whether these are one's."""
    settings = rows.settings
    if "one_person" in settings.model_fields_set:
        return
    for identity in (item for item in settings.identities if item.kind is IdentifierKind.EMAIL):
        some = sa.select(as_text(rows.table.c[identity.column]).label("value")).limit(_LOOKED_THROUGH).subquery()
        listed = sa.select(sa.literal(1)).select_from(some).where(some.c.value.like("%@%@%")).limit(1)
        if connection.execute(listed).first() is not None:
            yield _LISTED.format(column=identity.column, table=settings.name)


def _missing(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """The rights that are needed and not there; loads the table's columns as well."""
    table = rows.table
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(table)
        for right in _needed(rows):
            granted = sa.select(sa.func.has_table_privilege(name, right))
            if not connection.execute(granted).scalar_one():
                yield f"{right} on {rows.settings.name}"
        return
    # Reads one row, if there is one, to see that reading is allowed.
    connection.execute(sa.select(table).limit(1)).first()
    if connection.dialect.name in NAMES:
        yield from _refused_by_mysql(connection, rows)
    if connection.dialect.name == "sqlite" and not rows.site.database.is_writable(connection):
        yield f"writing to {rows.settings.name}"


def _refused_by_mysql(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """The rights that are missing; a statement that reaches no row needs them as any other does."""
    table, key = rows.table, rows.table.c[rows.settings.key[0]]
    tried: dict[str, sa.Delete | sa.Update] = {"UPDATE": sa.update(table).values({key: key}).where(sa.false())}
    tried |= {"DELETE": sa.delete(table).where(sa.false())} if "DELETE" in _needed(rows) else {}
    for right, statement in tried.items():
        try:
            connection.execute(statement)
        except sa.exc.DBAPIError as error:
            if state_of(error.orig) != RIGHT:
                raise
            yield f"{right} on {rows.settings.name}"
    if "DELETE" in tried and not sees_all(connection, rows):
        yield f"REFERENCES on the whole database, without which no row of {rows.settings.name} is deleted ({_UNSEEN})"


def _needed(rows: TableRows) -> list[str]:
    settings = rows.settings
    deletes = ["DELETE"] if settings.erase == "delete" else []
    # Rows are locked while they are erased, which takes the right to update them.
    return ["SELECT", "UPDATE", *deletes]


def _hidden_or_fixed(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """Yield the limits of PostgreSQL: rows that row-level security hides, and views that are not updatable."""
    name = _quoted(connection, rows)
    oid = sa.cast(sa.cast(name, REGCLASS), OID)
    if connection.execute(sa.select(sa.func.row_security_active(oid))).scalar_one():
        yield f"BYPASSRLS, since row-level security of {rows.settings.name} hides rows"
    possible = connection.execute(sa.select(sa.func.pg_relation_is_updatable(oid, sa.false()))).scalar_one()
    if any(not possible & _UPDATABLE[right] for right in _needed(rows) if right in _UPDATABLE):
        yield f"a way to change {rows.settings.name}, which cannot be updated (configure the tables that it reads)"


def _is_view(connection: sa.Connection, rows: TableRows) -> bool:
    inspector, schema = sa.inspect(connection), rows.table.schema
    views = set(inspector.get_view_names(schema=schema))
    if connection.dialect.name == "postgresql":
        views |= set(inspector.get_materialized_view_names(schema=schema))
    return rows.table.name in views


def _has_trigger(connection: sa.Connection, rows: TableRows) -> bool:
    """Return True if a trigger or a rule runs on our changes: it may store corrected, blanked or erased values."""
    if connection.dialect.name == "sqlite":
        master = sa.table("sqlite_master", *(sa.column(name) for name in ("type", "tbl_name", "sql")))
        ours = sa.and_(master.c.type == "trigger", sa.func.lower(master.c.tbl_name) == rows.table.name.lower())
        kept = sa.or_(*(sa.func.upper(master.c.sql).like(f"%{word}%") for word in ("UPDATE", "DELETE")))
        return connection.execute(sa.select(master.c.sql).where(ours, kept)).first() is not None
    if connection.dialect.name in NAMES:
        return has_trigger(connection, rows.table)
    if connection.dialect.name != "postgresql":
        return False
    names = ("tgrelid", "tgtype", "tgisinternal", "tgenabled")
    triggers = sa.table("pg_trigger", *(sa.column(name) for name in names))
    this = triggers.c.tgrelid == sa.cast(sa.cast(_quoted(connection, rows), REGCLASS), OID)
    runs = sa.and_(sa.not_(triggers.c.tgisinternal), triggers.c.tgenabled != "D")
    found = connection.execute(sa.select(triggers.c.tgtype).where(this, runs)).scalars()
    rules = sa.table("pg_rewrite", *(sa.column(name) for name in ("ev_class", "ev_type")))
    ours = rules.c.ev_class == sa.cast(sa.cast(_quoted(connection, rows), REGCLASS), OID)
    ruled = sa.select(rules.c.ev_type).where(ours, rules.c.ev_type.in_(_RULES_ON_CHANGE))
    return any(row & _ON_CHANGE for row in found) or connection.execute(ruled).first() is not None


def _quoted(connection: sa.Connection, rows: TableRows) -> str:
    return connection.dialect.identifier_preparer.format_table(rows.table)


def _excessive(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    roles = sa.table("pg_roles", *(sa.column(name) for name in ("rolname", *_TOO_MANY)))
    row = connection.execute(sa.select(roles).where(roles.c.rolname == sa.func.current_user())).mappings().first()
    # Where tables have row-level security, only who may bypass it sees everything.
    needed = {"rolbypassrls"} if any(_has_row_security(connection, rows) for rows in tables) else set()
    yield from (words for column, words in _TOO_MANY.items() if row and row[column] and column not in needed)


def _has_row_security(connection: sa.Connection, rows: TableRows) -> bool:
    name = _quoted(connection, rows)
    classes = sa.table("pg_class", sa.column("oid"), sa.column("relrowsecurity"), sa.column("relkind"))
    this = classes.c.oid == sa.cast(sa.cast(name, REGCLASS), OID)
    found = connection.execute(sa.select(classes.c.relrowsecurity, classes.c.relkind).where(this)).first()
    # What lies below a view is not looked into.
    return found is not None and (found.relrowsecurity or found.relkind == "v")
