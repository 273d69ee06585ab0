"""The application of a process that keeps running: built anew once its configuration or key has changed.

Each running part notes the settings that it works with in the case store, so that the desk and ``rightsflow doctor``
can say which part has to be restarted.
"""

from __future__ import annotations

import os
import threading
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rightsflow.config.environment import Environment
from rightsflow.domain.errors import Transient
from rightsflow.domain.running_parts import RunningPart, differences, settings_digest, variables_in

if TYPE_CHECKING:
    from rightsflow.cases.app import App

_LONGEST_SECONDS: Final = 300.0
"""After which time it is read again anyhow: secrets may lie in files and blocks that no one watches."""
_NOTE_SECONDS: Final = 60.0


class Freshness:
    """The freshness of the configuration and key that were read.

    Args:
        clock: Gives seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] = ()
        self._read_at = 0.0

    def is_over(self) -> bool:
        """Return True if the configuration or the key has changed since the last call, or was read too long ago."""
        with self._lock:
            seen, now = tuple(map(_mark, _files())), self._clock()
            if seen == self._seen and now - self._read_at < _LONGEST_SECONDS:
                return False
            is_first = not self._seen
            self._seen, self._read_at = seen, now
            return not is_first


_freshness = Freshness()


def renew(freshness: Freshness = _freshness, forget: Callable[[], None] | None = None) -> None:
    """Let the runtime be built anew at its next use, if what it was built from has changed.

    Args:
        freshness: Says whether it has.
        forget: Forgets the runtime; :func:`rightsflow.app.forget` by default.
    """
    if freshness.is_over():
        # Late: Prefect's server loads the worker's module too, and has no use for this.
        from rightsflow import app as composition  # noqa: PLC0415

        (forget or composition.forget)()


class RunningApp:
    """Gives the present application of this process, and notes the settings that it works with.

    Args:
        part: What the process is, such as ``desk``.
        clock: Gives seconds that only grow.
    """

    def __init__(self, part: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._part = part
        self._clock = clock
        self._noted_at: float | None = None
        renew()

    def __call__(self) -> App:
        """Return the application.

        Raises:
            Misconfigured: The configuration is wrong by now; nothing goes on with what it said before.
            Transient: The database does not answer.
        """
        from rightsflow.app import current_app  # noqa: PLC0415

        renew()
        app = current_app()
        now = self._clock()
        if self._noted_at is None or now - self._noted_at >= _NOTE_SECONDS:
            self._noted_at = now
            with suppress(Transient):
                note_part(app, self._part)
        return app


def note_part(app: App, name: str) -> None:
    """Note the settings that this process works with.

    Args:
        app: What it works with.
        name: What it is, such as ``listener``.

    Raises:
        Transient: The case store does not answer.
    """
    here = present_settings(name, app)
    app.store.running_parts.note(name, settings=here.settings, missing=here.missing)


def present_settings(name: str, app: App) -> RunningPart:
    """Return the present settings, and the secrets for which this process has no value.

    Args:
        name: What the process is.
        app: What it works with.
    """
    try:
        raw = tomllib.loads(Environment().config_path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # The reader that works with it says what is wrong with it.
        raw = {}
    missing = {reference for reference in variables_in(raw) if not os.environ.get(reference.removeprefix("env:"))}
    return RunningPart(name=name, settings=settings_digest(raw), missing=tuple(sorted(missing)), read_at=app.now())


def settings_differences(app: App) -> list[str]:
    """Return what running parts lack of the settings that this process reads now, each in a sentence with its mend.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    here, parts = present_settings("", app), app.store.running_parts.present()
    zone = app.settings.controller.zone
    return list(differences(parts, settings=here.settings, missing=here.missing, zone=zone))


def _files() -> list[Path]:
    environment = Environment()
    kind, _, place = environment.master_key_reference.partition(":")
    return [environment.config_path, *([Path(place)] if kind == "file" else [])]


def _mark(file: Path) -> object:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
