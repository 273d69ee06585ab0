"""Pages made from templates: a record's content is never markup, and a missing value is a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def page_environment(package: str, filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """Return the environment of a package's page templates.

    Args:
        package: The package whose folder ``templates`` holds them.
        filters: What the templates may call, by name.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment
