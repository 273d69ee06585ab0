"""Files that commands write: whole or not at all, and no one else's to read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deployments.cli.output import refuse_no_file, write_whole
from rightsflow.domain.errors import BadInput


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def test_a_file_is_written_for_its_owner_alone(tmp_path):
    path = tmp_path / "evidence.zip"
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["evidence.zip"]


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "evidence.zip"
    write_whole(path, b"the old one")
    for written in (0, 4, 11):

        def full(opened, content, written=written):
            opened.write(content[:written])
            raise OSError(28, "No space left on device")

        with pytest.raises(BadInput, match="No space left on device"):
            write_whole(path, b"the new one", full)
        assert path.read_bytes() == b"the old one"
        assert names(tmp_path) == ["evidence.zip"], "nothing is left beside it"


def test_what_is_no_name_a_folder_or_a_device_is_one_sentence(tmp_path):
    for name in ("nul\0", "x" * 300):
        with pytest.raises(BadInput, match="cannot be written"):
            write_whole(tmp_path / name, b"x")
        assert names(tmp_path) == []

    for path in (tmp_path, tmp_path / "missing" / "x", Path(os.devnull)):
        with pytest.raises(BadInput, match="cannot be written there"):
            refuse_no_file(path)
    refuse_no_file(tmp_path / "new")
    (tmp_path / "old").write_bytes(b"")
    refuse_no_file(tmp_path / "old")
