"""The erasure journal: what is written is read again, and what is no line of one is refused by its place."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from rightsflow.domain.errors import BadInput, Transient
from rightsflow.files.purge_journal import Erasure, append, read_journals

ONE = Erasure(case_id="DSR-2026-7K3M9Q", on=date(2026, 11, 25))
OTHER = Erasure(case_id="DSR-2026-7K3M9R", on=date(2026, 11, 26))


def test_what_is_written_is_read_again_each_case_once(tmp_path):
    journal = tmp_path / "home" / "erasures.jsonl"
    for one in (ONE, OTHER, ONE):
        append(journal, one)
    (tmp_path / "seals").mkdir()
    (tmp_path / "seals" / OTHER.file_name).write_text(OTHER.line)
    assert read_journals([journal, tmp_path / "seals"]) == [ONE, OTHER]
    assert journal.stat().st_mode & 0o777 == 0o600


def test_the_lines_of_several_writers_do_not_mingle(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: append(tmp_path / "j", ONE), range(200)))
    assert (tmp_path / "j").read_text() == ONE.line * 200


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "7",
        '"case"',
        "[" * 100_000,
        '{"case":"DSR-2026-7K3M9Q","on":"2026-11-25"}',
        '{"case":"DSR-2026-7K3M9Q","kind":"person","on":"2026-11-25"}',
        '{"case":"DSR-2026-7K3M9Q","kind":"case","on":"25.11.2026"}',
        '{"case":"DSR-2026-7K3M9Q","kind":"case","on":7}',
        '{"case":"dsr-2026-7k3m9q","kind":"case","on":"2026-11-25"}',
        '{"case":"../etc","kind":"case","on":"2026-11-25"}',
        '{"case":"DSR-2026-7K3M9Q","kind":"case","on":"2026-11-25","name":"Anna"}',
        '{"case":"DSR-2026-8MX8AM","case":"DSR-2026-7K3M9Q","kind":"case","on":"2026-11-25"}',
        '{"case": "DSR-2026-7K3M9Q","kind":"case","on":"2026-11-25"}',
        '{"case":"DSR-2026-7K3M9Q","kind":"case","on":"20261125"}',
    ],
)
def test_what_is_no_line_is_refused_by_its_place_and_not_quoted(tmp_path, line):
    journal = tmp_path / "j"
    journal.write_text(f"{ONE.line}{line}\n{OTHER.line}")
    with pytest.raises(BadInput, match=r"Line 2 of .* belongs to no erasure journal") as caught:
        read_journals([journal])
    assert "Anna" not in str(caught.value)


def test_a_file_that_is_missing_or_empty_of_erasures_is_refused(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for path, said in (
        (tmp_path / "none", "cannot be read"),
        (tmp_path / "binary", "cannot be read"),
        (tmp_path, "no published"),
    ):
        with pytest.raises(BadInput, match=said):
            read_journals([path])


def test_one_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Transient, match="cannot be written"):
        append(tmp_path / "file" / "j", ONE)
