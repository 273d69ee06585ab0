"""Sections of the configuration as tables, from pydantic's models: keys, types, defaults, what docstrings say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from docs.generate.docstrings import Undocumented, arguments
from docs.generate.markdown import code, entries
from rightsflow.config.secret_references import SecretRef

Link = Callable[[type], str]
"""Where the section of a nested model is, and what secrets are."""

_WORDS: Final[Mapping[str, str]] = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "EmailStr": "e-mail address",
    "AnyHttpUrl": "URL",
    "date": "date",
    "Path": "path",
}
_BOUNDS: Final = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_REQUIRED: Final = "required"
_TEXT: Final = "text"
"""The type that is not named: most keys, entries of lists and of tables are text."""
_LONG: Final = 6
"""The words of a meaning from which on it is not repeated on a page."""


class Explained:
    """Keys that a page has explained, each with the section that does."""

    def __init__(self) -> None:
        """Begin a page."""
        self._places: dict[tuple[str, ...], str] = {}

    def place(self, row: tuple[str, ...], section: str) -> str:
        """Return the section that explains a key already; empty if it is this one.

        Args:
            row: The key, its value and its meaning.
            section: The section that lists it now, as a link.
        """
        first = self._places.setdefault(row, section)
        return "" if first == section or len(row[-1].split()) < _LONG else first


def keys_table(
    model: type[BaseModel],
    link: Link,
    *,
    without: Sequence[str] = (),
    section: str = "",
    explained: Explained | None = None,
) -> str:
    """Return the keys of a section, as a list.

    Args:
        model: Its model.
        link: How nested sections are linked to.
        without: Keys that are explained elsewhere.
        section: The section, as a link.
        explained: What the page has explained before; such a key is listed by its name and a link.

    Raises:
        Undocumented: The docstring says nothing of a key.
    """
    said = arguments(model)
    rows = []
    again: dict[str, list[str]] = {}
    for name, field in model.model_fields.items():
        if name in without:
            continue
        if not said.get(name):
            raise Undocumented(f"{model.__qualname__}: the docstring says nothing of the key {name}; add it to Args.")
        row = (code(name), _value(field, link), said[name])
        if place := explained.place(row, section) if explained else "":
            again.setdefault(place, []).append(row[0])
        else:
            rows.append(row)
    return entries([*rows, *((", ".join(names), f"as in {place}.") for place, names in again.items())])


def nested(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the models below a model with each possible place, in the order of the keys.

    Args:
        model: The model.
        before: The place of the model itself; empty for the file.
    """
    for name, field in model.model_fields.items():
        path = ".".join(filter(None, (before, name, "NAME" if get_origin(field.annotation) is dict else "")))
        for one in models_in(field.annotation):
            yield path, one
            yield from nested(one, path)


def titles(model: type[BaseModel]) -> dict[type, list[str]]:
    """Return the titles of the sections for the models below a model: their possible places.

    Args:
        model: The model.
    """
    found: dict[type, list[str]] = {}
    for path, one in nested(model):
        by = one.model_fields.get("by")
        choices = get_args(by.annotation) if by else ()
        place = f'{path}, by = "{choices[0]}"' if len(choices) == 1 else path
        found.setdefault(one, []).append(place)
    return found


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation names.

    Args:
        annotation: The annotation of a field.
    """
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models_in(one)


def _value(field: FieldInfo, link: Link) -> str:
    """Return type, bounds and default of a key, as short as they can be understood."""
    told = default(field)
    limits = {name: getattr(one, name) for one in field.metadata for name in _BOUNDS if hasattr(one, name)}
    signs = _BOUNDS | ({"ge": "", "le": "to"} if limits.keys() >= {"ge", "le"} else {})
    bounds = (f"{signs[name]} {limit:,}" for name, limit in limits.items())
    kind = " ".join(" ".join((_words(field.annotation, link), *bounds)).split())
    kind = "" if kind == _TEXT or (kind == "boolean" and told) else kind
    if told == _REQUIRED:
        return ", ".join(filter(None, (kind, "**required**")))
    return "; ".join(filter(None, (kind, told)))


def _words(annotation: Any, link: Link) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(inner[0], link)
    if origin in {Union, UnionType}:
        return _either(inner, link)
    if origin is dict:
        value, key = _words(inner[1], link), _words(inner[0], link)
        return (
            "table" if value == key == _TEXT else f"table of {value}" if key == _TEXT else f"table of {value} by {key}"
        )
    if origin in {tuple, list, frozenset, set}:
        entry = _words(inner[0], link)
        return "list" if entry == _TEXT else f"list of {entry}"
    return ", ".join(code(json.dumps(str(one))) for one in inner) if origin is Literal else _named(annotation, link)


def _either(choices: Sequence[Any], link: Link) -> str:
    if set(choices) >= {str, int, float, bool}:
        return "value or list of values" if len(choices) > 4 else "value"
    return " or ".join(dict.fromkeys(_words(one, link) for one in choices if one is not NoneType))


def _named(annotation: Any, link: Link) -> str:
    if annotation is SecretRef:
        return f"[secret]({link(SecretRef)})"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(code(json.dumps(one.value)) for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[section]({link(annotation)})"
    if is_dataclass(annotation):
        return f"table with {', '.join(annotation.__dataclass_fields__)}"
    return _WORDS.get(annotation.__name__, _TEXT)


def default(field: FieldInfo) -> str:
    """Return the default of a key, as it is written in the file.

    Args:
        field: The key's field.
    """
    if field.is_required():
        return _REQUIRED
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return ""
    plain = TypeAdapter(Any).dump_python(value, mode="json")
    return "" if plain in (None, "", [], {}) else code(_toml(plain))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)
