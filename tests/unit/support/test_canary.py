"""The scanner finds what is planted, however it is wrapped; otherwise the canary tests would prove nothing."""

from __future__ import annotations

import base64
import gzip
import logging
import sqlite3
from contextlib import closing
from urllib.parse import quote

import pytest

from tests.support.canary import DISGUISES, Scanner, all_logs

VALUE = "Zoë Pfützenreuter-Ångström"
SCANNER = Scanner({"name": VALUE, "e-mail": "zoe@example.com"})
SHORT = Scanner({}, {"last four": "0742"})


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_planted_value_is_found(disguise):
    data = b"\x00\xff head " + DISGUISES[disguise](VALUE) + b" tail \x00"
    assert {hit.canary for hit in SCANNER.scan(data, "planted")} == {"name"}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_what_only_resembles_it_is_not_found(disguise):
    assert not SCANNER.scan(DISGUISES[disguise]("Zoe Pfutzenreuter"), "planted")


@pytest.mark.parametrize(
    "text",
    [
        "card ending in 0742",
        "card ending in 0742, valid until 2029",
        '{"last4": "0742"}',
        "last4=0742",
        "VISA *0742",
        "0742",
        "a-0742-b",
        "abcd-0742-ef01",
        "20260305-0742",
        "0742-202603051432",
        "0742\n",
    ],
)
def test_a_short_value_is_found_where_it_stands_by_itself(text):
    assert {hit.canary for hit in SHORT.scan(text.encode(), "planted")} == {"last four"}
    assert SHORT.scan(gzip.compress(f"it says: {text}".encode()), "planted")
    assert SHORT.scan(base64.b64encode(f"it says: {text}".encode()), "planted")
    assert SHORT.scan(quote(f"it says {text}").encode(), "planted")


@pytest.mark.parametrize(
    "text",
    [
        "10742",
        "07421",
        "x0742",
        "0742a",
        "12.0742",
        "0742.5",
        "8f14e45f-0742-4167-a5be-0cb0ea0242ac",
        "8f14e45f-ceea-0742-a5be-0cb0ea0242ac",
    ],
)
def test_a_short_value_is_not_found_inside_numbers_and_uuids(text):
    assert not SHORT.scan(f"it says {text} there".encode(), "planted")


@pytest.mark.parametrize("shift", range(40))
def test_a_short_value_is_not_found_in_a_uuid_that_a_line_of_base64_cuts(shift):
    text = "x" * (shift + 20) + " 8f14e45f-0742-4167-0742-0cb0ea0242ac and more of it"
    assert not SHORT.scan(base64.encodebytes(text.encode()), "planted")


def test_a_short_value_beside_a_uuid_is_found():
    assert SHORT.scan(b"8f14e45f-0742-4167-a5be-0cb0ea0242ac 0742", "planted")


def test_a_file_name_and_a_file_are_scanned(tmp_path):
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "zoe@example.com.wav").write_bytes(b"RIFF")
    (tmp_path / "note.bin").write_bytes(DISGUISES["gzip"](VALUE))
    assert {(hit.canary, hit.place) for hit in SCANNER.scan_folder(tmp_path)} == {
        ("e-mail", "the name of calls/zoe@example.com.wav"),
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
