"""Writes the deployments that people start or watch in Prefect, with the references that each takes."""

from __future__ import annotations

import inspect
from datetime import date
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from prefect import Flow

from deployments.catalogue import CATALOGUE
from docs.generate.docstrings import arguments
from docs.generate.markdown import entries
from flows.references import TITLES

_INTRODUCTION: Final = """# Deployments

Prefect takes references only: a case id, a system, a ticket's number, a right, a day, a file's name. Its server refuses
anything else. Requests with more are opened at the desk or with `rightsflow open`; gates are decided there too.

"""
_OF_A_CASE: Final = "case_id"


def page() -> str:
    """Return the page."""
    started = [(one, text) for one, text in CATALOGUE if set(_parameters(one)) - {_OF_A_CASE}]
    others = ((one.name, text, _of_a_case(one)) for one, text in CATALOGUE if not set(_parameters(one)) - {_OF_A_CASE})
    sections = "".join(f"## {one.name}\n\n{text}\n\n{entries(_rows(one))}\n" for one, text in started)
    rest = entries((name, parameter, text) for name, text, parameter in others)
    return f"{_INTRODUCTION}{sections}## Other deployments\n\nStart one to try a case again, or to see a change at once.\n\n{rest}"


def _of_a_case(flow: Flow[Any, Any]) -> str:
    return TITLES[_OF_A_CASE] if _parameters(flow) else ""


def _parameters(flow: Flow[Any, Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(flow.fn).parameters)


def _rows(flow: Flow[Any, Any]) -> list[tuple[str, str, str]]:
    said, hints = arguments(flow.fn), get_type_hints(flow.fn)
    return [
        (TITLES[name], _kind(hints[name]), f"{said[name]} **Required.**" if one.default is one.empty else said[name])
        for name, one in _parameters(flow).items()
    ]


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return "one of: " + "; ".join(one.value for one in get_args(annotation))
    kinds = [one for one in get_args(annotation) if one is not type(None)]
    if kinds:
        return _kind(kinds[0])
    return "date" if annotation is date else "text"
