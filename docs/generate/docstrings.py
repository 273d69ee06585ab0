"""What docstrings say: of a class, of its fields, of the members of an enumeration."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from docstring_parser import Docstring, DocstringStyle, parse

from docs.generate.markdown import prose


class Undocumented(Exception):
    """Something that the reference has to explain has no docstring."""


def about(thing: type | Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring.

    Args:
        thing: A class or a function.

    Raises:
        Undocumented: It has no docstring of its own.
    """
    text = _parsed(thing).short_description
    if not text:
        raise Undocumented(f"{thing.__qualname__} has no docstring; add one.")
    return prose(text)


def arguments(thing: type | Callable[..., Any]) -> dict[str, str]:
    """Return the text of a docstring on each argument, as Markdown.

    Args:
        thing: A class, whose bases are read too, or a function.
    """
    found: dict[str, str] = {}
    for one in reversed(thing.__mro__ if isinstance(thing, type) else (thing,)):
        if one.__doc__ and one.__module__.startswith(("rightsflow", "connectors", "flows")):
            found |= {each.arg_name: prose(each.description or "") for each in _parsed(one).params}
    return found


def members(kind: type[StrEnum]) -> Mapping[str, str]:
    """Return the text below each member of an enumeration by the member's value; empty where there is none.

    Args:
        kind: The enumeration.
    """
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class
    texts: dict[str, str] = {}
    name = ""
    for node in body.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            texts[name] = prose(str(node.value.value))
        elif not isinstance(node, ast.Expr):
            name = ""
    return {one.value: texts.get(one.name, "") for one in kind}


def _parsed(thing: type | Callable[..., Any]) -> Docstring:
    return parse(inspect.cleandoc(thing.__doc__ or ""), DocstringStyle.GOOGLE)
