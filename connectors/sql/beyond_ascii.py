"""The test for characters beyond ASCII in a text."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class BeyondAscii(GenericFunction[bool]):
    """The SQL test for characters beyond ASCII in a text; true for a database without a known test."""

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_beyond_ascii"


@compiles(BeyondAscii)
def _not_known(_element: BeyondAscii, _compiler: SQLCompiler, **_options: object) -> str:
    return "1 = 1"


@compiles(BeyondAscii, "mysql")
@compiles(BeyondAscii, "mariadb")
def _beyond_ascii_in_mysql(element: BeyondAscii, compiler: SQLCompiler, **options: object) -> str:
    """By bytes: the text is of Unicode, whatever its column is."""
    (text,) = element.clauses
    return compiler.process(sa.func.length(text) != sa.func.char_length(text), **options)


@compiles(BeyondAscii, "postgresql")
def _beyond_ascii_in_postgresql(element: BeyondAscii, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    # Written out, as in the index of the documentation: what is bound would be another expression.
    pattern = sa.literal_column("'[^\\x01-\\x7f]'", sa.String)
    return compiler.process(sa.collate(text, "C").regexp_match(pattern), **options)


@compiles(BeyondAscii, "sqlite")
def _beyond_ascii_in_sqlite(element: BeyondAscii, compiler: SQLCompiler, **options: object) -> str:
    (text,) = element.clauses
    return compiler.process(text.op("GLOB")("*[^\x01-\x7f]*"), **options)
