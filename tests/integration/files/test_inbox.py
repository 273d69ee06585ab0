"""A file of requests is read line by line, more than once, and has to stay what it was."""

from __future__ import annotations

import io

import pytest

from rightsflow.domain.errors import BadInput
from rightsflow.files import inbox
from rightsflow.files.inbox import RequestFile


def test_it_is_read_as_it_is_each_time():
    file = RequestFile(lambda: io.BytesIO(b"a\r\n\nb"))
    assert list(file.lines()) == list(file.lines()) == [b"a\r\n", b"\n", b"b"]


def test_one_that_was_changed_meanwhile_is_said_to_be():
    contents = iter([b"a\nb\n", b"a\nc\n"])
    file = RequestFile(lambda: io.BytesIO(next(contents)))
    list(file.lines())
    with pytest.raises(BadInput, match="changed while it was imported"):
        list(file.lines())


def test_one_that_is_too_large_or_has_no_lines_is_not_read_whole():
    with pytest.raises(BadInput, match="larger than 1 GB"):
        list(RequestFile(lambda: io.BytesIO(b"ab\n" * 2), most=5).lines())
    with pytest.raises(BadInput, match="longer than 1 MB"):
        list(RequestFile(lambda: io.BytesIO(b"a" * (inbox.LONGEST_LINE + 1))).lines())


def test_one_that_cannot_be_read_is_one_sentence(tmp_path):
    for path in (tmp_path / "gone.csv", tmp_path, tmp_path / ("n" * 300)):
        with pytest.raises(BadInput, match=r"^The file cannot be read \("):
            list(RequestFile(lambda path=path: path.open("rb")).lines())
