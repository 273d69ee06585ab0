"""Who asked first is remembered for any number of rows, and nothing of it stays on the disk."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path

import pytest

from rightsflow.domain.errors import Transient
from rightsflow.files.first_rows import FirstRows


def opened_in(folder):
    """The files of a folder that this process has open, with a name or without."""
    for one in Path("/proc/self/fd").iterdir():
        # That of the listing itself is gone by now.
        with suppress(FileNotFoundError):
            if str(one.readlink()).startswith(str(folder)):
                yield one


def test_the_first_that_asks_is_named_and_a_repeating_row_is_not_remembered():
    with FirstRows() as first:
        for _ in range(2):
            assert first.before(2, ["anna", "phone"]) is None
            assert first.before(3, ["phone", "boris"]) == 2
            assert first.before(4, ["boris"]) is None
            assert first.before(5, []) is None


def test_its_file_has_no_name_and_is_for_its_owner_alone(tmp_path):
    with FirstRows(tmp_path) as first:
        first.before(1, ["anna@example.com"])
        assert list(tmp_path.iterdir()) == []
        (opened,) = opened_in(tmp_path)
        assert stat.S_IMODE(opened.stat().st_mode) == 0o600
        assert b"anna" not in opened.read_bytes()


def test_a_folder_in_which_nothing_can_be_written_is_one_sentence(tmp_path):
    with pytest.raises(Transient, match="free space on the disk"):
        FirstRows(tmp_path / "gone")
