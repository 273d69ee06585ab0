"""The pages of the configuration file and of the environment variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from connectors.settings import HttpSystemSettings
from docs.generate.docstrings import about, arguments
from docs.generate.markdown import anchor, code, table
from docs.generate.models import Explained, default, keys_table, titles
from rightsflow.config.environment import Environment
from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.system_settings import KindStatement, SystemSettings
from rightsflow.config.settings import Settings

_SETTINGS: Final = """# Settings

```console
$ rightsflow init       # writes rightsflow.toml with comments, beside the home (RIGHTSFLOW_HOME)
$ rightsflow doctor     # checks it
```

An unknown or wrong key is refused before anything starts, with its name and how to fix it. A worker reads the file again when it
changes. A value without a type is text, also in a list or table; one after
a semicolon, or alone, is the default.

## Secrets

The file contains references to secrets only: `env:NAME` for an environment variable, `file:PATH` for a file, `block:NAME` for a Prefect
Secret block.

"""

_ENVIRONMENT: Final = """# Environment variables

Locations on this machine. Everything else is in [`rightsflow.toml`](settings.md).

"""

_SYSTEMS: Final = """One section for each system, under a name of your choice in lower case. Its purposes, categories, recipients and periods appear in the
answer to an access request (Art. 15(1) GDPR). These are the keys of every system; each connector has more: [Zendesk](connectors/zendesk.md), [Stripe](connectors/stripe.md), [S3](connectors/s3.md), [SQL](connectors/sql.md), [REST](connectors/rest.md)."""

CALLED_OVER_HTTP: Final = "Systems that are called over HTTP"
"""The heading of the keys that their connectors have in common."""
_CALLED: Final = "Further keys of [Zendesk](connectors/zendesk.md), [Stripe](connectors/stripe.md), [S3](connectors/s3.md) and [REST](connectors/rest.md):"

_KINDS: Final = "systems.NAME.kinds.KIND"

_FURTHER: Final = (
    (
        "RIGHTSFLOW_UP_DATABASE",
        "auto",
        "Prefect's database under `up` and `demo`: `postgresql` (extra `embedded`), `sqlite`, or `auto`.",
    ),
    ("RIGHTSFLOW_POOL_TYPE", "rightsflow", "The work pool's type for `up` and `deploy`; see `--pool-type`."),
    (
        "RIGHTSFLOW_SERVER_ADDRESSES",
        "",
        "The addresses of a server started as `python -m deployments.front`, separated by spaces.",
    ),
    (
        "PREFECT_API_URL",
        "",
        "A shared Prefect server for `deploy`, `keep`, `run`, `identity` and `decide`; without it, the one that `up` started.",
    ),
    ("PREFECT_API_AUTH_STRING", "", "The sign-in to that server, as `NAME:SECRET`."),
)
"""What is read by others than :class:`rightsflow.config.environment.Environment`."""


def settings_page() -> str:
    """Return the page of ``rightsflow.toml``."""
    return _SETTINGS + "\n".join(_sections())


def environment_page() -> str:
    """Return the page of the environment variables."""
    said = arguments(Environment)
    own = [
        (code(f"RIGHTSFLOW_{name.upper()}"), default(field), said[name])
        for name, field in Environment.model_fields.items()
    ]
    further = [(code(name), code(value), text) for name, value, text in _FURTHER]
    return _ENVIRONMENT + table(("Variable", "Default", "Meaning"), own + further)


def variables() -> frozenset[str]:
    """Return the names of all variables that the page explains."""
    own = {f"RIGHTSFLOW_{name.upper()}" for name in Environment.model_fields}
    return frozenset(own | {name for name, _, _ in _FURTHER})


def _sections() -> Iterator[str]:
    places = {**titles(Settings), KindStatement: [_KINDS]}

    def link(model: type) -> str:
        return "#secrets" if model is SecretRef else f"#{anchor(places[model][0])}"

    def listed(title: str, model: type[BaseModel], text: str) -> str:
        keys = keys_table(model, link, section=f"[{title}](#{anchor(title)})", explained=explained)
        return f"## [{title}]\n\n{text}\n\n{keys}"

    explained = Explained()
    yield f"## The whole file\n\n{keys_table(Settings, link, without=('systems',))}"
    systems = listed("systems.NAME", SystemSettings, _SYSTEMS)
    own = keys_table(HttpSystemSettings, link, without=tuple(SystemSettings.model_fields))
    called = f"## {CALLED_OVER_HTTP}\n\n{_CALLED}\n\n{own}"
    for model, names in titles(Settings).items():
        also = f" Also: {', '.join(code(f'[{name}]') for name in names[1:])}." if names[1:] else ""
        yield listed(names[0], model, f"{about(model)}{also}")
    yield from (systems, listed(_KINDS, KindStatement, about(KindStatement)), called)
