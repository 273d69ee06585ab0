"""Values inside a column: by a path in JSON, in PHP's serialised values, in a mail with its header, or in an array.

A path leads from name to name; ``*`` stands for every member. A text in which another text with data inside stands (a
serialised value within JSON) is opened on the way. What is at the path is read and replaced; nothing beside it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from connectors.sql.formats import Node, Parsed, Plain, Unreadable, is_structured, parsed, text_of

Path = tuple[str, ...]
Replace = Callable[[Plain], Plain]
EVERY: Final = "*"
_NOTHING: Final = (None, "", b"")


def values_at(stored: object, path: Path) -> list[Plain]:
    """The plain values at a path, or below it.

    Args:
        stored: What the column holds; a list is an array of the database.
        path: Where they are; empty for the whole.

    Raises:
        Unreadable: The column holds something that is in no known format.
    """
    return [value for part, rest in _parts(stored, path) for value in _values(part, rest)]


def replaced(stored: object, path: Path, replace: Replace) -> object:
    """A column's value with other values at a path.

    Args:
        stored: What the column holds.
        path: Where the values are.
        replace: The new value for an old one; of a list or an object at the very end of the path the old one is
            ``None``, and the new one takes the place of the whole.

    Raises:
        Unreadable: The column holds something that is in no known format, or in which no value can be replaced.
    """
    if stored in _NOTHING:
        return stored
    if isinstance(stored, list | tuple):
        step, *rest = _through_array(stored, path)
        return [
            _element(item, tuple(rest), replace) if step in (EVERY, str(number)) else item
            for number, item in enumerate(stored)
        ]
    if isinstance(stored, bytes | memoryview):
        return _edited(text_of(bytes(stored)), path, replace).encode("utf-8", "surrogateescape")
    return _edited(str(stored), path, replace)


def opened(stored: object, *, also_mail: bool = False) -> object:
    """What a column holds, as data that people can read; as it is where it is in no known format.

    Args:
        stored: What the column holds.
        also_mail: Whether a mail is taken apart too; else it is given as people read it, as one text.
    """
    if not isinstance(stored, str | bytes | memoryview) or stored in _NOTHING:
        return stored
    text = stored if isinstance(stored, str) else text_of(bytes(stored))
    try:
        is_data = also_mail or is_structured(text) or _is_serialised(text)
        return _deep(parsed(text).root.data()) if is_data else stored
    except Unreadable:
        return stored


def without(data: object, path: Path) -> object:
    """Opened data without what is at a path."""
    if not path:
        return None
    step, *rest = path
    if isinstance(data, dict):
        kept = ((name, item) for name, item in data.items() if rest or step not in (EVERY, name))
        return {name: without(item, tuple(rest)) if step in (EVERY, name) else item for name, item in kept}
    if isinstance(data, list):
        numbered = ((str(number), item) for number, item in enumerate(data))
        kept = ((name, item) for name, item in numbered if rest or step not in (EVERY, name))
        return [without(item, tuple(rest)) if step in (EVERY, name) else item for name, item in kept]
    return data


def instead(data: object, path: Path, value: object, only: Callable[[object], bool]) -> object:
    """Opened data with a value in place of what is at a path, where that fulfils a condition."""
    if not path:
        return value if only(data) else data
    step, *rest = path
    if isinstance(data, dict):
        return {
            name: instead(item, tuple(rest), value, only) if step in (EVERY, name) else item
            for name, item in data.items()
        }
    if isinstance(data, list):
        numbered = ((str(number), item) for number, item in enumerate(data))
        return [instead(item, tuple(rest), value, only) if step in (EVERY, name) else item for name, item in numbered]
    return data


def overlap(path: Path, other: Path) -> bool:
    """Return True if what is at one of two paths is, or is within, what is at the other."""
    return all(EVERY in (step, beside) or step == beside for step, beside in zip(path, other, strict=False))


def _parts(stored: object, path: Path) -> Iterator[tuple[object, Path]]:
    if isinstance(stored, list | tuple):
        step, *rest = _through_array(stored, path)
        yield from ((item, tuple(rest)) for number, item in enumerate(stored) if step in (EVERY, str(number)))
    elif stored not in _NOTHING:
        yield stored, path


def _through_array(stored: Sequence[object], path: Path) -> Path:
    if stored and path and path[0] != EVERY and not path[0].isdigit():
        raise Unreadable
    return path or (EVERY,)


def _values(stored: object, path: Path) -> Iterable[Plain]:
    if stored in _NOTHING:
        return []
    text = text_of(bytes(stored)) if isinstance(stored, bytes | memoryview) else str(stored)
    if not path and not is_structured(text):
        return [text]
    return (leaf.value for node in _nodes(_root(parsed(text), path), path) for leaf in _within(node))


def _root(whole: Parsed, path: Path) -> Node:
    """The whole of a text.

    Raises:
        Unreadable: It is a plain value, into which no path leads.
    """
    if path and whole.root.members is None and _ends(whole.root):
        raise Unreadable
    return whole.root


def _nodes(node: Node, path: Path) -> Iterator[Node]:
    if node.is_reference:
        # What stands there is a value of another place, and no empty one.
        raise Unreadable
    if not path:
        yield node
        return
    if node.members is not None:
        for member, rest in _ahead(node, path):
            yield from _nodes(member, rest)
    elif isinstance(node.value, str) and is_structured(node.value):
        yield from _nodes(parsed(node.value).root, path)


def _ahead(node: Node, path: Path) -> list[tuple[Node, Path]]:
    """The members of a list or an object to which a path leads, each with the rest of the path.

    Raises:
        Unreadable: The path is one through another form of data: names through a list, numbers or more steps through
            something else. What stands there would be passed over in silence.
    """
    step, rest, members = path[0], path[1:], node.members or ()
    names = [name for name, _ in members]
    if (
        members
        and step != EVERY
        and (node.is_list or not any(map(str.isdigit, names)))
        and (node.is_list != step.isdigit())
    ):
        raise Unreadable
    leading = [member for name, member in members if step in (EVERY, name)]
    ended = [member for member in leading if rest and _ends(member)]
    if ended and (node.is_list or step != EVERY or len(ended) == sum(_is_filled(item) for item in leading)):
        raise Unreadable
    return [(member, rest) for member in leading]


def _is_filled(node: Node) -> bool:
    return bool(node.value) if node.members is None else bool(node.members)


def _ends(node: Node) -> bool:
    """Return True if a node is a plain value that says something, and has nothing inside."""
    return bool(node.value) and not (isinstance(node.value, str) and is_structured(node.value))


def _within(node: Node) -> Iterator[Node]:
    """The plain values in a node, also within a text that has data inside."""
    for leaf in node.leaves():
        if isinstance(leaf.value, str) and is_structured(leaf.value):
            try:
                yield from _within(parsed(leaf.value).root)
                continue
            except Unreadable:
                pass
        yield leaf


def _edited(text: str, path: Path, replace: Replace) -> str:
    whole = parsed(text)
    edits = list(_edits(_root(whole, path), path, replace))
    return whole.replaced(edits) if edits else text


def _edits(node: Node, path: Path, replace: Replace) -> Iterator[tuple[Node, Plain]]:
    if not path:
        new = replace(node.value)
        if node.members is not None or type(new) is not type(node.value) or new != node.value:
            yield node, new
    elif node.members is not None:
        for member, rest in _ahead(node, path):
            yield from _edits(member, rest, replace)
    elif isinstance(node.value, str) and is_structured(node.value):
        new = _edited(node.value, path, replace)
        if new != node.value:
            yield node, new


def _element(item: object, rest: Sequence[str], replace: Replace) -> object:
    if rest:
        return replaced(item, tuple(rest), replace)
    return replace(item if isinstance(item, str | int | float | bool) else None)


def _deep(data: object) -> object:
    if isinstance(data, dict):
        return {name: _deep(item) for name, item in data.items()}
    if isinstance(data, list):
        return [_deep(item) for item in data]
    return opened(data)


def _is_serialised(text: str) -> bool:
    return text.startswith("s:") and text.endswith('";')
