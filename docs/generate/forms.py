"""The page of the forms in Prefect's UI, from the flows."""

from __future__ import annotations

import inspect
from collections import Counter
from datetime import date
from enum import Enum
from typing import Any, Final, get_args, get_type_hints

from prefect import Flow
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from deployments.catalogue import CATALOGUE, name_of
from docs.generate.docstrings import arguments
from docs.generate.markdown import prose, table
from flows.fields import TITLES
from flows.forms import ErasureForm, IdentityForm, NothingHeldForm, ReleaseForm, SendableLetter

_INTRODUCTION: Final = """# Forms

In Prefect's UI, each form is a deployment: *Deployments*, its name, *Run*, *Custom run*. A gate's form opens when a case's run is
suspended and you press *Resume*. Rightsflow reads the input once and removes it from Prefect. Fields are optional unless marked.

"""
_ALONE: Final = "## Deployments without a form\n\nThey start by themselves.\n\n"
_SHARED: Final = "## Fields of several forms\n\n"
_SHARED_BY: Final = 3
"""How many forms have a field before it is explained once, above all forms."""

_GATES: Final[tuple[tuple[str, type[BaseModel]], ...]] = (
    ("Identity gate", IdentityForm),
    ("Approval gate, access", ReleaseForm),
    ("Approval gate, erasure", ErasureForm),
    ("Approval gate, nothing found", NothingHeldForm),
)

_KINDS: Final[dict[Any, str]] = {
    str: "text",
    date: "date",
    int: "number",
    bool: "yes or no",
    SendableLetter: "one of the [letters](letters.md)",
}
_HEAD: Final = ("Field", "Input", "Meaning")
Row = tuple[str, str, str]
"""A field's title, what can be typed, and what it means."""
_ACTOR: Final[Row] = ("Your name", "text", "The person who acts. **Required.**")


def page() -> str:
    """Return the page."""
    forms = {name_of(one): (text, _asked(one)) for one, text in CATALOGUE if _is_form(one)}
    forms |= {title: ("", [_field(name, one) for name, one in form.model_fields.items()]) for title, form in _GATES}
    uses = Counter(row for _, rows in forms.values() for row in rows)
    most_used = {row[0]: row for row, _ in reversed(uses.most_common())}
    shared = sorted((row for row in most_used.values() if uses[row] >= _SHARED_BY), key=lambda row: -uses[row])
    alone = table(("Deployment", "Purpose"), ((name_of(one), text) for one, text in CATALOGUE if not _is_form(one)))
    filled = "\n".join(_section(title, *form, shared) for title, form in forms.items())
    return f"{_INTRODUCTION}{_SHARED}{table(_HEAD, shared)}\n{filled}\n{_ALONE}{alone}"


def _fields(flow: Flow[Any, Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(flow.fn).parameters)


def _is_form(flow: Flow[Any, Any]) -> bool:
    """Tell whether people fill it in; a case's own run is started with its id alone."""
    return len(_fields(flow)) > 1


def _asked(flow: Flow[Any, Any]) -> list[Row]:
    """Return the fields of a flow."""
    said, hints = arguments(flow.fn), get_type_hints(flow.fn)
    rows = [
        (TITLES.get(name, name), _kind(hints[name]), _marked(said[name], one.default is one.empty))
        for name, one in _fields(flow).items()
    ]
    return [
        _ACTOR if title == _ACTOR[0] and text.startswith("Who ") else (title, kind, text) for title, kind, text in rows
    ]


def _field(name: str, field: FieldInfo) -> Row:
    """Return a field of a gate's form."""
    return field.title or name, _kind(field.annotation), _marked(prose(field.description or ""), field.is_required())


def _marked(text: str, required: bool) -> str:
    return f"{text} **Required.**" if required else text


def _section(title: str, text: str, rows: list[Row], shared: list[Row]) -> str:
    above = ", ".join(f"*{row[0]}*" for row in rows if row in shared)
    beside = f" Also {above}, as above." if above else ""
    own = [row for row in rows if row not in shared]
    about = f"{text}{beside}".strip()
    return f"## {title}\n\n{about}\n\n" + (table(_HEAD, own) if own else "")


def _kind(annotation: Any) -> str:
    if annotation in _KINDS:
        return _KINDS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of: " + "; ".join(str(one.value) for one in annotation if one.value)
    kinds = [one for one in get_args(annotation) if one is not type(None)]
    return _kind(kinds[0]) if len(kinds) == 1 else "one of: " + "; ".join(map(str, kinds))
