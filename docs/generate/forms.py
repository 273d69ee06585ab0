"""The page of the forms in Prefect's UI, from the flows."""

from __future__ import annotations

import inspect
from datetime import date
from enum import Enum
from typing import Any, Final, get_args, get_type_hints

from prefect import Flow
from pydantic import BaseModel

from deployments.catalogue import CATALOGUE, name_of
from docs.generate.docstrings import about, arguments
from docs.generate.markdown import prose, table
from flows.fields import TITLES
from flows.forms import ErasureForm, IdentityForm, NothingHeldForm, ReleaseForm

_INTRODUCTION: Final = """# Forms

In Prefect's UI each form is a deployment: *Deployments*, its name, *Run*, *Custom run*. The gates' forms open when a case's run is
suspended and you press *Resume*. What you type is read once and then taken out of Prefect.

"""

_GATES: Final[tuple[tuple[str, type[BaseModel]], ...]] = (
    ("Identity gate", IdentityForm),
    ("Approval gate, access", ReleaseForm),
    ("Approval gate, erasure", ErasureForm),
    ("Approval gate, nothing found", NothingHeldForm),
)

_KINDS: Final[dict[Any, str]] = {str: "text", date: "date", bool: "yes or no"}


def page() -> str:
    """The page."""
    listed = table(("Deployment", "What it is for"), ((name_of(one), text) for one, text in CATALOGUE))
    filled = [_form(one) for one, _ in CATALOGUE if _is_form(one)]
    return _INTRODUCTION + listed + "\n" + "\n".join(filled + [_gate(*one) for one in _GATES])


def _fields(flow: Flow[Any, Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(flow.fn).parameters)


def _is_form(flow: Flow[Any, Any]) -> bool:
    """Whether people fill it in; a case's own run is started with its id alone."""
    return len(_fields(flow)) > 1


def _form(flow: Flow[Any, Any]) -> str:
    said, hints = arguments(flow.fn), get_type_hints(flow.fn)
    rows = [
        (TITLES.get(name, name), _kind(hints[name]), "required" if one.default is one.empty else "", said[name])
        for name, one in _fields(flow).items()
    ]
    return (
        f"## {name_of(flow)}\n\nFlow `{flow.name}`. {about(flow.fn)}\n\n{table(('Field', 'Type', '', 'Meaning'), rows)}"
    )


def _gate(title: str, form: type[BaseModel]) -> str:
    rows = [
        (
            one.title or name,
            _kind(one.annotation),
            "required" if one.is_required() else "",
            prose(one.description or ""),
        )
        for name, one in form.model_fields.items()
    ]
    return f"## {title}\n\n{about(form)}\n\n{table(('Field', 'Type', '', 'Meaning'), rows)}"


def _kind(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of: " + "; ".join(str(one.value) or "(empty)" for one in annotation)
    if annotation in _KINDS:
        return _KINDS[annotation]
    kinds = [one for one in get_args(annotation) if one is not type(None)]
    if len(kinds) == 1:
        return _kind(kinds[0])
    return "one of: " + "; ".join(map(str, kinds))
