"""Facts from an object's key: the kind of record, its name for the person, its type and its time."""

from __future__ import annotations

import mimetypes
import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

RECORDING, TRANSCRIPT, SCREEN_RECORDING = "recording", "transcript", "screen-recording"

_KIND_BY_ENDING = {
    **dict.fromkeys((".json", ".jsonl", ".txt", ".vtt", ".srt", ".csv", ".html", ".eml", ".pdf"), TRANSCRIPT),
    **dict.fromkeys((".mp4", ".webm", ".mkv", ".mov", ".avi"), SCREEN_RECORDING),
}
# Types without meaning, by careless programs, and old names of types.
_UNSAID = frozenset({"", "binary/octet-stream", "application/octet-stream", "text/plain; charset=utf-8"})
_OLD_NAMES = {"audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/vnd.wave": "audio/wav"}
# …_20240126T03:07_UTC.wav, …_analysis_2024-01-26T03:07:05Z.json; the colon may have been percent-encoded on the way.
_TIME = re.compile(r"_(\d{4})-?(\d{2})-?(\d{2})T(\d{2})(?::|%3A)?(\d{2})(?:(?::|%3A)?(\d{2}))?(?:_UTC|Z)")


def kind_of(key: str) -> str:
    """Return the kind of record under a key, by its ending."""
    return _KIND_BY_ENDING.get(PurePosixPath(key).suffix.lower(), RECORDING)


def file_name(key: str, *, stored_at: datetime | None = None) -> str:
    """A name for the person: the key's last part, with percent-encoding undone once.

    Args:
        key: The key.
        stored_at: When an older version was stored, in the zone to name it in; ``None`` for the current one.
    """
    name = unquote(key.rstrip("/").rpartition("/")[2]).replace("/", "_") or "recording"
    if stored_at is None:
        return name
    path = PurePosixPath(name)
    return f"{path.stem} (stored {stored_at:%Y-%m-%d %H.%M.%S}){path.suffix}"


def media_type(said: str, key: str) -> str:
    """The type of an object's bytes.

    Args:
        said: What the store says; many writers leave its default.
        key: The key, whose ending tells it otherwise.
    """
    guessed = mimetypes.guess_type(PurePosixPath(key).name)[0]
    found = said if said not in _UNSAID else guessed or said.partition(";")[0] or "application/octet-stream"
    return _OLD_NAMES.get(found, found)


def started_at(key: str) -> datetime | None:
    """The instant in an object's name, or ``None``."""
    match = _TIME.search(key.rpartition("/")[2])
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
