"""What of other people's code was replaced while something was done: in modules, classes, and their instances.

Looked at is every module that is not ours and was loaded when the look began: each function, class and module that it
has by a name, each member of its classes, and each method that an instance in it has for itself. What is added counts
for nothing, since libraries load parts of themselves late.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
import types
from contextlib import suppress

OURS = ("rightsflow", "connectors", "tasks", "flows", "deployments", "rightsflow_sandbox", "tests", "proofs")
CODE = (
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, type),
    *(property, classmethod, staticmethod),
)
"""What a library is made of; its other values are its own to change."""

DEPENDENCIES = (
    *("fastapi", "fastapi.dependencies.utils", "starlette.middleware.base", "starlette.concurrency", "uvicorn"),
    *("uvicorn.server", "uvicorn.protocols.http.h11_impl", "sqlalchemy.dialects.postgresql.asyncpg", "asyncpg"),
    *("docket", "burner_redis.pubsub", "jsonschema", "httpx", "anyio", "ssl", "queue", "asyncio", "threading"),
)
"""What Prefect is built on, as far as a server or worker of ours ever touched it."""

OWN_CHANGES = ("._compiler_dispatch", "sys.excepthook")
"""What libraries replace themselves: SQLAlchemy writes a class of statements its own method at its first use, and Typer
puts its own hook where Python has one for it."""


def load_everything():
    """Load all of Prefect and what it is built on, so that a look sees it before anything of ours does."""
    import prefect

    names = [one.name for one in pkgutil.walk_packages(prefect.__path__, "prefect.", onerror=lambda _: None)]
    for name in (*names, *DEPENDENCIES):
        if not name.startswith(("prefect._vendor", "prefect.testing", "prefect.__main__")):
            # Integrations that are not installed.
            with suppress(Exception):
                importlib.import_module(name)


class Look:
    """What is there at this moment."""

    def __init__(self) -> None:
        self._seen = {}
        for name, module in sorted(sys.modules.items()):
            if name.partition(".")[0] not in OURS and isinstance(module, types.ModuleType):
                self._seen[name] = (module, _of_module(module))
        self._loggers = {name: (one, set(_shadows(one))) for name, one in _loggers()}

    def replaced(self):
        """The names of what is not what it was."""
        found = []
        for name, (module, before) in self._seen.items():
            now = _of_module(module, is_now=True)
            found += [f"{name}.{one}" for one, thing in before.items() if now.get(one) is not thing]
            found += [f"{name}.{one}" for one in now.keys() - before.keys() if one.startswith("!")]
        for name, (one, before) in self._loggers.items():
            found += [f"the logger {name}: {it}" for it in sorted(set(_shadows(one)) - before)]
        return sorted({one for one in found if not one.endswith(OWN_CHANGES)})


def _of_module(module, *, is_now=False):
    """What a module has by its names; of now everything, since what is there instead may be of any kind."""
    things = {}
    for name, thing in list(vars(module).items()):
        if is_now or _is_code(thing):
            things[name] = thing
        if isinstance(thing, type) and (is_now or thing.__module__ == module.__name__):
            things |= {f"{name}.{it}": one for it, one in vars(thing).items() if is_now or _is_code(one)}
        elif not isinstance(thing, CODE):
            things |= {f"!{name}.{it}": True for it in _shadows(thing)}
    return things


def _is_code(thing):
    return isinstance(thing, CODE) or callable(thing)


def _shadows(thing):
    """The methods that an instance has for itself instead of those of its class."""
    try:
        own = dict(vars(thing))
    except (TypeError, RuntimeError):
        # A stand-in for a thing of the present request has nothing outside of one.
        return []
    kind = type(thing)
    some = [(str(name), one) for name, one in own.items() if not str(name).startswith("__")]
    return [name for name, one in some if callable(one) and callable(getattr(kind, name, None))]


def _loggers():
    known = logging.Logger.manager.loggerDict.items()
    return [(name, one) for name, one in list(known) if isinstance(one, logging.Logger)]
