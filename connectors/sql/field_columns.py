"""The columns in which a field stands, also where one column holds many fields and another one says which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from connectors.settings import Strict
from connectors.sql.column_values import Where


class FieldColumn(Strict):
    """A column in which a field stands.

    Args:
        column: Its name.
        where: In which rows it is that field, where the table has a row for each field of a person:
            ``{ custom_field_id = 1 }``. A list of values means one of them.
    """

    column: str
    where: Where = Field(default_factory=dict)


def _listed(value: object) -> object:
    """A name, a column, or a list of either, as a list of columns."""
    listed = value if isinstance(value, list | tuple) else [value]
    return [{"column": item} if isinstance(item, str) else item for item in listed]


FieldColumns = Annotated[tuple[FieldColumn, ...], BeforeValidator(_listed), Field(min_length=1)]


def names_of(fields: Mapping[str, tuple[FieldColumn, ...]]) -> Iterator[str]:
    """Every column that some fields name.

    Args:
        fields: The columns by the fields.
    """
    for field in (column for columns in fields.values() for column in columns):
        yield from (field.column, *field.where)
