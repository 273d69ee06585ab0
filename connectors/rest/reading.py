"""Reading a description from its file; a mistake is named with its line and how to mend it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from connectors.rest.description import Description
from connectors.rest.paths import filled
from rightsflow.domain.errors import Misconfigured

FOLDER: Final = Path(__file__).parent / "files"
"""The descriptions that come with the distribution."""
_HEADER: Final = re.compile(r"\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*")(?:\s*\.\s*(?:[\w-]+|"[^"]*"))*)\s*=""")
_TOML_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
Place = tuple[str | int, ...]


def shipped() -> list[str]:
    """Return the names of the descriptions that come with the distribution."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read_description(file: str, values: Mapping[str, str] | None = None) -> Description:
    """Read a description.

    Args:
        file: The name of one that comes with the distribution, or the path of a file.
        values: The values of an installation; ``None`` to check the file without any.

    Raises:
        Misconfigured: There is no such file, or it has a mistake; the text names its line.
    """
    is_name = "/" not in file and not file.endswith(".toml")
    path = FOLDER / f"{file}.toml" if is_name else Path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        known = ", ".join(shipped())
        raise Misconfigured(
            f"The description cannot be read; name a file in UTF-8, or one of those that are included: {known}."
        ) from None
    return describe(text, path.name, values)


def describe(text: str, name: str, values: Mapping[str, str] | None = None) -> Description:
    """Read a description from its text.

    Args:
        text: The text, in TOML.
        name: How to name it in messages.
        values: The values of an installation; ``None`` to check it without any.

    Raises:
        Misconfigured: It has a mistake; the text names its line.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = place[1] if place and place[1] else str(text.count("\n") + 1)
        wrong = _TOML_PLACE.sub("", str(error)).strip().rstrip(".")
        raise Misconfigured(f"{name}, line {line}: this is no TOML: {wrong[:1].lower()}{wrong[1:]}.") from None
    raw = _with_values(raw, name, values)
    try:
        return Description.model_validate(raw)
    except ValidationError as error:
        fault: Mapping[str, Any] = dict(error.errors(include_input=False, include_url=False)[0])
        raise Misconfigured(f"{name}, line {line_of(text, fault['loc'])}: {_sentence(fault)}") from None


def _with_values(raw: dict[str, Any], name: str, values: Mapping[str, str] | None) -> dict[str, Any]:
    """Put the values of an installation into all texts.

    Raises:
        Misconfigured: One is missing, or the file knows none of that name.
    """
    declared = raw.get("values")
    if not isinstance(declared, dict):
        declared = {}
    given = {key: value["default"] for key, value in declared.items() if isinstance(value, dict) and "default" in value}
    if values is not None:
        if unknown := sorted(values.keys() - declared.keys()):
            raise Misconfigured(
                f"{name} has no value {unknown[0]}; its values are {', '.join(sorted(declared)) or 'none'}."
            )
        given |= values
        if missing := sorted(declared.keys() - given.keys()):
            raise Misconfigured(f'{name} needs the value {missing[0]}; add values = {{ {missing[0]} = "…" }}.')
    # A default may hold another value.
    given = {key: filled(value, given) for key, value in given.items()}
    return {key: value if key == "values" else filled(value, given) for key, value in raw.items()}


def _sentence(fault: Mapping[str, Any]) -> str:
    key = _named(fault["loc"])
    if fault["type"] == "missing":
        return f"the key {key} is missing; add it."
    if fault["type"] == "extra_forbidden":
        known = _known_beside(fault["loc"])
        return f"the key {key} is not known; remove it" + (f", or use one of {known}." if known else ".")
    return f"{key} is wrong: {fault['msg'].removeprefix('Value error, ').rstrip('.')}."


def _named(loc: Sequence[str | int]) -> str:
    names = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(names).removeprefix(".") or "the file"


def _known_beside(loc: Sequence[str | int]) -> str:
    """Return the keys of the section in which an unknown one is."""
    model: Any = Description
    for part in loc[:-1]:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = field.annotation if field else None
        model = next(_models(model), model)
    return ", ".join(sorted(model.model_fields)) if isinstance(model, type) and issubclass(model, BaseModel) else ""


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def line_of(text: str, loc: Sequence[str | int]) -> int:
    """Return the line of a place in a TOML text: the deepest part of it that is written there.

    Args:
        text: The text.
        loc: Keys and positions, from the file down.
    """
    wanted, best, line = [part for part in loc if part != "__root__"], -1, 1
    lines = text.splitlines()
    for number, place in _places(lines):
        depth = _shared(place, wanted)
        if depth == len(place) and depth > best:
            best, line = depth, number
    return _within(lines, line, wanted[max(best, 0) :])


def _places(lines: Sequence[str]) -> Iterator[tuple[int, Place]]:
    """Yield the lines that begin a table or a key, each with its place."""
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(lines, start=1):
        if header := _HEADER.match(line):
            table = _in_list(_split(header[2]), counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_split(key[1]))


def _in_list(keys: Place, counts: Mapping[Place, int]) -> Place:
    """Return a table's place, with the position in each list that it is in."""
    place: Place = ()
    for position, key in enumerate(keys):
        place = (*place, key)
        if place in counts and position < len(keys) - 1:
            place = (*place, counts[place])
    return place


def _split(keys: str) -> Place:
    return tuple(part.strip().strip('"') for part in re.findall(r'"[^"]*"|[\w-]+', keys))


def _shared(place: Place, wanted: Sequence[str | int]) -> int:
    depth = 0
    while depth < min(len(place), len(wanted)) and place[depth] == wanted[depth]:
        depth += 1
    return depth


def _within(lines: Sequence[str], start: int, rest: Sequence[str | int]) -> int:
    """Return the line within a list or an inline table that spans several lines."""
    end = start
    while end < len(lines) and not _HEADER.match(lines[end]) and not _KEY.match(lines[end]):
        end += 1
    if rest and isinstance(rest[0], int):
        entries = [number for number in range(start, end + 1) if lines[number - 1].lstrip().startswith("{")]
        if rest[0] < len(entries):
            return entries[rest[0]]
    return start
