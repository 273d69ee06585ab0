"""A section proposed for CSV files and recordings: the layout by the ids in file names, and nothing of anyone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.registry import validate
from connectors.settings import SecretRef
from connectors.sql import SqlConnector, SqlSettings
from connectors.sql.propose import FilesPlace, propose
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import IdentifierKind, identifier
from tests.integration.connectors.sql.peer import PLACE

NUMBERS = [f"+4930901{number:03}" for number in range(20)]
SIDS = [f"CA{number:010x}ff" for number in range(20)]
DAY = "2026/05/{:02}"


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _recordings(folder: Path) -> None:
    for number, sid in enumerate(SIDS):
        day = DAY.format(number + 1)
        caller = NUMBERS[number].removeprefix("+")
        _put(folder / "CallRecordings" / day / f"anna-{caller}-{sid}.wav", b"RIFF")
        _put(folder / "AC8812" / "transcripts" / f"{sid}_voice.json", b"{}")
        _put(folder / "chat" / sid / "page-1.txt", b"Hello")
    _put(folder / "CallRecordings" / "readme.txt", b"-")


def _rows(start: int) -> str:
    lines = [f"{SIDS[at]};{NUMBERS[at]};{at + 1:02}.05.2026 10:00" for at in range(start, start + 10)]
    return "sid;caller_phone;start_time\r\n" + "\r\n".join(lines) + "\r\n"


def _hidden(text: str) -> None:
    """Nothing of a row or of a file's name is in it."""
    assert not [value for value in (*NUMBERS, *SIDS, "anna", "AC8812", "4930901") if value in text]


PATTERNS = ["*/transcripts/{id}_*", "CallRecordings/%Y/%m/%d/*-{id}.*", "chat/{id}/**"]


def test_csv_files_and_recordings_are_proposed_and_work(tmp_path):
    folder = tmp_path / "calls"
    _recordings(folder)
    for start, name in ((0, "calls-2026-05-01.csv"), (10, "calls-2026-05-02.csv")):
        _put(folder / "exports" / name, _rows(start).encode())
    text = propose("calls", None, "DE", lambda _: None, place=FilesPlace(files=folder.as_uri()))
    _hidden(text)
    section = tomllib.loads(text)["systems"]["calls"]
    (table,) = section["tables"]
    assert table["csv"] == {
        "path": "exports/calls-*.csv",
        "delimiter": ";",
        "times": {"start_time": "%d.%m.%Y %H:%M"},
    }
    assert (table["file"]["column"], table["file"]["layout"]) == ("sid", PATTERNS)
    assert "1 have no id of a row" in text
    asked = validate(SqlSettings, section | {"may_be_empty": True}, "[systems.calls]")
    known = frozenset({identifier(IdentifierKind.PHONE, NUMBERS[7], country="DE")})
    kinds = sorted(found.record.kind for found in SqlConnector("calls", asked, PLACE).locate(known))
    assert kinds == ["calls", "recording"], "one call, and its three files as one record"


def test_recordings_are_matched_with_the_ids_of_a_database(tmp_path):
    folder, url = tmp_path / "calls", f"sqlite:///{tmp_path / 'cdr.db'}"
    _recordings(folder)
    with sa.create_engine(url).begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE cdr (id INTEGER PRIMARY KEY, phone VARCHAR(40), recording VARCHAR(40))"
        )
        for number, sid in enumerate(SIDS):
            connection.exec_driver_sql("INSERT INTO cdr VALUES (?, ?, ?)", (number, NUMBERS[number], sid))
    (tmp_path / "url").write_text(url)
    text = propose(
        "cdr", SecretRef(f"file:{tmp_path / 'url'}"), "DE", lambda _: None, place=FilesPlace(files=folder.as_uri())
    )
    _hidden(text)
    (table,) = tomllib.loads(text)["systems"]["cdr"]["tables"]
    # The table has no time, so folders of days are any folders.
    layout = ["*/transcripts/{id}_*", "CallRecordings/*/*/*/*-{id}.*", "chat/{id}/**"]
    assert table["file"] == {"column": "recording", "optional": True, "layout": layout}


def test_files_without_a_table_need_one(tmp_path):
    _recordings(tmp_path / "calls")
    with pytest.raises(BadInput, match="None of the 0 tables"):
        propose("calls", None, "DE", lambda _: None, place=FilesPlace(files=(tmp_path / "calls").as_uri()))
    with pytest.raises(BadInput, match="--files"):
        propose("calls", None, "DE", lambda _: None)
    with pytest.raises(BadInput, match="password in files_options"):
        propose("calls", None, "DE", lambda _: None, place=FilesPlace(files="sftp://anna:secret@example.com/calls"))
