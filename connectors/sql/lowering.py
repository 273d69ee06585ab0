"""Small letters for a comparison with texts of ASCII."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class Lowered(GenericFunction[str]):
    """A text with small letters; letters beyond ASCII do not matter."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_lowered"


@compiles(Lowered)
def _lowered(element: Lowered, compiler: SQLCompiler, **options: object) -> str:
    return compiler.process(sa.func.lower(*element.clauses), **options)


@compiles(Lowered, "postgresql")
def _lowered_in_postgresql(element: Lowered, compiler: SQLCompiler, **options: object) -> str:
    """By bytes: by a language's rules it takes several times as long as the comparison."""
    (text,) = element.clauses
    return compiler.process(sa.func.lower(sa.collate(text, "C")), **options)
