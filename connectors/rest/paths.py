"""The small languages of a description: paths into an answer, and texts with placeholders.

A path is names and positions: ``customer.emails[*].address``, ``results[0]``, ``contacts[type=mail].value``; the empty
path means the whole answer.
``firstname + lastname`` joins the texts at several paths by blanks. A text has placeholders in braces: ``/users/{id}``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote

from pydantic import AfterValidator

T = TypeVar("T")

_NAME: Final = r"[^.\[\]+\s]+"
_PLACE: Final = r"\[(\*|\d+|\w+=[^\[\]+\s]+)\]"
_STEP: Final = re.compile(rf"({_NAME})|{_PLACE}")
_PATH: Final = re.compile(rf"(?:{_NAME}(?:{_PLACE})*|(?:{_PLACE})+)(?:\.{_NAME}(?:{_PLACE})*)*")
Step = str | int | tuple[str, str] | None
"""A name, a position, a field with the value that an entry has to have, or ``None`` for every entry."""
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_JOIN: Final = " + "


def _path(text: str) -> str:
    if text and not all(_PATH.fullmatch(part) for part in text.split(_JOIN)):
        raise ValueError("write a path like customer.emails[*].address, or an empty text for the whole answer")
    return text


Path = Annotated[str, AfterValidator(_path)]
"""A path into an answer."""


def values_at(tree: object, path: str) -> list[Any]:
    """Return the filled values at a path; ``None`` and empty texts are left out.

    Args:
        tree: An answer, or a part of it.
        path: The path.
    """
    if _JOIN in path:
        parts = (" ".join(str(value) for value in values_at(tree, part)) for part in path.split(_JOIN))
        joined = " ".join(part for part in parts if part)
        return [joined] if joined else []
    return [value for value in _walk(tree, _steps(path)) if value is not None and value != ""]


def value_at(tree: object, path: str) -> Any:
    """Return the first filled value at a path, or ``None``.

    Args:
        tree: An answer, or a part of it.
        path: The path.
    """
    return next(iter(values_at(tree, path)), None)


def _steps(path: str) -> list[Step]:
    return [name or _place(place) for name, place in (match.groups() for match in _STEP.finditer(path))]


def _place(text: str) -> Step:
    field, equals, value = text.partition("=")
    if equals:
        return field, value
    return None if text == "*" else int(text)


def _is_at(step: Step, place: int, entry: object) -> bool:
    """Return whether an entry of a list is one that a step leads to."""
    if isinstance(step, tuple):
        return isinstance(entry, Mapping) and str(entry.get(step[0])) == step[1]
    return step is None or step == place


def _walk(tree: object, steps: list[Step]) -> Iterator[object]:
    if not steps:
        yield tree
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, str):
        inner = [tree[step]] if isinstance(tree, Mapping) and step in tree else []
    elif not isinstance(tree, list):
        inner = []
    else:
        inner = [entry for place, entry in enumerate(tree) if _is_at(step, place, entry)]
    for value in inner:
        yield from _walk(value, rest)


def entries_at(tree: object, path: str) -> list[Any]:
    """Return the entries at a path: those of a list, or the one that stands there.

    Args:
        tree: An answer, or a part of it.
        path: The path.
    """
    found = values_at(tree, path)
    return [item for value in found for item in (value if isinstance(value, list) else [value]) if item]


def has_place(tree: object, path: str) -> bool:
    """Return whether a path leads to a place that is there, filled or not.

    Args:
        tree: An answer, or a part of it.
        path: The path.
    """
    return any(True for _ in _walk(tree, _steps(path)))


def put_at(tree: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of a body with a value at a path of names.

    Args:
        tree: The body.
        path: The path, such as ``pagination.starting_after``.
        value: The value.
    """
    head, _, rest = path.partition(".")
    inner = tree.get(head)
    return {**tree, head: put_at(inner if isinstance(inner, Mapping) else {}, rest, value) if rest else value}


def without(tree: T, paths: Collection[str]) -> T:
    """Return a copy of an answer without what stands at some paths.

    Args:
        tree: The answer.
        paths: The paths.
    """
    return _without(tree, [_steps(path) for path in paths if path])  # type: ignore[no-any-return]


def _without(tree: Any, gone: list[list[Step]]) -> Any:
    if isinstance(tree, Mapping):
        here = {steps[0] for steps in gone if len(steps) == 1}
        return {
            key: _without(value, [steps[1:] for steps in gone if len(steps) > 1 and steps[0] == key])
            for key, value in tree.items()
            if key not in here
        }
    if isinstance(tree, list):
        return [
            _without(value, [steps[1:] for steps in gone if len(steps) > 1 and _is_at(steps[0], place, value)])
            for place, value in enumerate(tree)
        ]
    return tree


def placeholders(template: object) -> frozenset[str]:
    """Return the names of the placeholders in a text, or in all texts of a body.

    Args:
        template: The text or body.
    """
    return frozenset(name for text in texts_in(template) for name in _PLACEHOLDER.findall(text))


def texts_in(tree: object) -> Iterator[str]:
    """Yield all texts of a body.

    Args:
        tree: The body.
    """
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from texts_in(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from texts_in(value)
    elif isinstance(tree, str):
        yield tree


def address(template: str, given: Mapping[str, object]) -> str:
    """Return the address of a call; what is put into it is percent-encoded, so that it stays one segment.

    Args:
        template: Such as ``/users/{id}``.
        given: The values by placeholder.
    """
    return _PLACEHOLDER.sub(lambda found: quote(str(given.get(found[1], found[0])), safe=""), template)


def filled(template: Any, given: Mapping[str, object]) -> Any:
    """Return a body with its placeholders filled; a text that is one placeholder becomes the value with its type.

    Args:
        template: The body, or a single text.
        given: The values by placeholder; other braces stay as they are.
    """
    if isinstance(template, Mapping):
        return {key: filled(value, given) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [filled(value, given) for value in template]
    if not isinstance(template, str):
        return template
    alone = _PLACEHOLDER.fullmatch(template)
    if alone and alone[1] in given:
        return given[alone[1]]
    return _PLACEHOLDER.sub(lambda found: str(given.get(found[1], found[0])), template)
