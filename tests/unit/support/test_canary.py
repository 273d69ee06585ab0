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


def test_a_planted_value_is_found_in_any_disguise():
    # A planted value is found.
    for disguise in DISGUISES:
        data = b"\x00\xff head " + DISGUISES[disguise](VALUE) + b" tail \x00"
        assert {hit.canary for hit in SCANNER.scan(data, "planted")} == {"name"}
    for disguise in DISGUISES:
        assert not SCANNER.scan(DISGUISES[disguise]("Zoe Pfutzenreuter"), "planted")


def test_a_short_value_is_found_where_it_stands_by_itself():
    # A short value is found where it stands by itself.
    for text in (
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
    ):
        assert {hit.canary for hit in SHORT.scan(text.encode(), "planted")} == {"last four"}
        assert SHORT.scan(gzip.compress(f"it says: {text}".encode()), "planted")
        assert SHORT.scan(base64.b64encode(f"it says: {text}".encode()), "planted")
        assert SHORT.scan(quote(f"it says {text}").encode(), "planted")
    # A short value is not found inside numbers and uuids.
    for text in (
        "10742",
        "07421",
        "x0742",
        "0742a",
        "12.0742",
        "0742.5",
        "8f14e45f-0742-4167-a5be-0cb0ea0242ac",
        "8f14e45f-ceea-0742-a5be-0cb0ea0242ac",
    ):
        assert not SHORT.scan(f"it says {text} there".encode(), "planted")
    # A short value is not found in a uuid that a line of base64 cuts.
    for shift in range(40):
        text = "x" * (shift + 20) + " 8f14e45f-0742-4167-0742-0cb0ea0242ac and more of it"
        assert not SHORT.scan(base64.encodebytes(text.encode()), "planted")
    assert SHORT.scan(b"8f14e45f-0742-4167-a5be-0cb0ea0242ac 0742", "planted")


@pytest.mark.apart
def test_a_file_is_scanned_to_its_end(tmp_path):
    # A file name and a file are scanned.
    (tmp_path / "calls").mkdir()
    (tmp_path / "calls" / "zoe@example.com.wav").write_bytes(b"RIFF")
    (tmp_path / "note.bin").write_bytes(DISGUISES["gzip"](VALUE))
    assert {(hit.canary, hit.place) for hit in SCANNER.scan_folder(tmp_path)} == {
        ("e-mail", "the name of calls/zoe@example.com.wav"),
        ("name", "note.bin"),
    }
    # A value that is cut by pages is found by SQL.
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
