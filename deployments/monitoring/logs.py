"""Logs as one JSON object per line, of which every field is known to hold no personal data.

A record of ours passes with its message: our own sentences hold case ids, names of systems, counts and vendors' request
ids. Of anybody else's record (urllib3 quotes addresses, SQLAlchemy parameters, Prefect messages of exceptions) only
where it was logged, how grave it is and the type of an exception pass, from warnings on. So this is a list of what may
pass and not one of what may not: the libraries for JSON logs (python-json-logger, structlog, Prefect's own formatter)
write whatever a record brings along, and what would be left to them is ``json.dumps``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from rightsflow.domain.telemetry import here

OURS: Final = ("connectors", "deployments", "flows", "rightsflow", "tasks")
"""The packages whose messages pass."""
_NUMBERS: Final = ("seconds",)
"""The fields of our records besides their message; numbers only."""
_NOT_OURS: Final = "not shown: logged by a library"


def is_ours(name: str) -> bool:
    """Return whether a logger belongs to this project."""
    return name.partition(".")[0] in OURS


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON.

    Args:
        worker: Whose log it is: the worker's name, or what the process is.
    """

    def __init__(self, worker: str) -> None:
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": _module(record.name),
            "message": _message(record),
        }
        line |= {name: value for name, value in asdict(here()).items() if value}
        line |= {name: value for name in _NUMBERS if isinstance(value := getattr(record, name, None), int | float)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        line |= {"at": f"{record.module}:{record.lineno}", "worker": self._worker, "pid": os.getpid()}
        return json.dumps(line)


def _module(name: str) -> str:
    """Return the module that a logger is named after: some libraries name loggers after objects."""
    while name and name not in sys.modules:
        name = name.rpartition(".")[0]
    return name or "unnamed"


def _message(record: logging.LogRecord) -> str:
    if not is_ours(record.name):
        return _NOT_OURS
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return "not shown: it does not fit its arguments"


def _may_pass(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or is_ours(record.name)


class JsonHandler(logging.StreamHandler[Any]):
    """Writes the lines to stderr, wherever that leads at the time.

    Args:
        worker: Whose log it is.
    """

    def __init__(self, worker: str) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(JsonFormatter(worker))
        self.addFilter(_may_pass)


def log_as_json(worker: str) -> None:
    """Let all that this process logs, warns of and dies of be lines of JSON on stderr.

    Args:
        worker: Whose log it is: the worker's name, or what the process is.
    """
    for logger in _all_loggers():
        _take_from_the_console(logger)
    root = logging.getLogger()
    root.addHandler(JsonHandler(worker))
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    # A record that cannot be written would be printed with all it holds.
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _died
    threading.excepthook = lambda end: _died(end.exc_type, end.exc_value, end.exc_traceback)


def is_json() -> bool:
    """Return whether this process logs lines of JSON."""
    return any(isinstance(handler, JsonHandler) for handler in logging.getLogger().handlers)


def _all_loggers() -> list[logging.Logger]:
    named: Mapping[str, object] = logging.root.manager.loggerDict
    return [logging.root, *(value for value in named.values() if isinstance(value, logging.Logger))]


def _take_from_the_console(logger: logging.Logger) -> None:
    shown = [handler for handler in logger.handlers if _is_of_the_console(handler)]
    for handler in shown:
        # Not removed: Prefect sets up its logs more than once, and makes anew what it does not find.
        handler.addFilter(_nothing)
    if shown:
        # The logger had a console of its own, as uvicorn's has; now it has ours.
        logger.propagate = True


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def _is_of_the_console(handler: logging.Handler) -> bool:
    # Prefect's handlers hold a console of rich, the others a stream.
    return isinstance(handler, logging.StreamHandler) and (
        hasattr(handler, "console") or handler.stream in {sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__}
    )


def _died(kind: type[BaseException], _error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else ""
    logging.getLogger(__name__).critical("ended unexpectedly by %s%s", kind.__name__, place)
