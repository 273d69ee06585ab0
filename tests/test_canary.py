"""The scanner finds what is planted, however it is wrapped; otherwise the canary tests would prove nothing."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing

import pytest

from tests.canary import DISGUISES, Scanner, all_logs

VALUE = "Zoë Pfützenreuter-Ångström"
SCANNER = Scanner({"name": VALUE, "e-mail": "zoe@example.com"})


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_planted_value_is_found(disguise):
    data = b"\x00\xff head " + DISGUISES[disguise](VALUE) + b" tail \x00"
    assert {hit.canary for hit in SCANNER.scan(data, "planted")} == {"name"}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_what_only_resembles_it_is_not_found(disguise):
    assert not SCANNER.scan(DISGUISES[disguise]("Zoe Pfutzenreuter"), "planted")


def test_a_file_name_and_a_file_are_scanned(tmp_path):
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "zoe@example.com.wav").write_bytes(b"RIFF")
    (tmp_path / "note.bin").write_bytes(DISGUISES["gzip"](VALUE))
    assert {(hit.canary, hit.place) for hit in SCANNER.scan_folder(tmp_path)} == {
        ("e-mail", "the name of zoe@example.com.wav"),
        ("name", "note.bin"),
    }


def test_a_value_that_is_cut_by_pages_is_found_by_sql(tmp_path):
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")
        for length in range(4000, 4200):
            connection.execute("INSERT INTO notes VALUES (?)", ("x" * length + VALUE,))
        connection.commit()
    assert {hit.place for hit in SCANNER.scan_database(file)} == {"table notes"}


def test_every_logger_is_heard_with_its_tracebacks():
    with all_logs() as heard:
        logging.getLogger("prefect.flow_runs").debug("one %s", "quiet word")
        try:
            int(VALUE)
        except ValueError:
            logging.getLogger("a.library").exception("it failed")
    assert "quiet word" in heard.getvalue()
    assert SCANNER.scan(heard.getvalue().encode(), "logs")
