"""Working copies: what comes back is what was put in, and no one else can read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rightsflow.domain.errors import Conflict, Misconfigured, Transient
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef
from rightsflow.files.workspace import CaseFolder, Workspace, case_folders
from rightsflow.vault import CaseKey
from tests.support.peers.disks import make_read_only, small_disk

KEY = CaseKey("DSR-2026-7K3M9Q", bytes(range(32)))
RECORD = RecordRef("helpdesk", "ticket", "Zaphira/17")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(str(tmp_path / "work"), KEY)


def document(content: dict[str, object] | None = None, category: str = "service tickets") -> Document:
    return Document(
        record=RECORD,
        category=category,
        content=content if content is not None else {"subject": "Zaphira's kettle"},
        others=frozenset({"Boris Stone", "boris@example.com"}),
    )


def blob(data: bytes, piece: int = 1000) -> Blob:
    def open_() -> Iterator[bytes]:
        return (data[start : start + piece] for start in range(0, len(data), piece))

    return Blob(
        record=RECORD,
        category="recordings",
        name="Zaphira.wav",
        media_type="audio/wav",
        metadata=MappingProxyType({"seconds": 12}),
        open=open_,
    )


def read(workspace: Workspace, system: str = "helpdesk", area: str = "extract") -> list[Part]:
    return list(workspace.read(area, system))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "complete")


def test_documents_and_blobs_come_back_in_their_order(workspace: Workspace) -> None:
    data = bytes(range(256)) * 2000
    counts = workspace.write("extract", "helpdesk", [document(), blob(data), document({"a": 1})])
    assert counts == {"service tickets": 2, "recordings": 1}
    first, second, third = read(workspace)
    assert first == document()
    assert isinstance(second, Blob)
    assert (second.record, second.category, second.name, second.media_type) == (
        RECORD,
        "recordings",
        "Zaphira.wav",
        "audio/wav",
    )
    assert second.metadata == {"seconds": 12}
    assert b"".join(second.open()) == data
    assert b"".join(second.open()) == data, "it can be opened again after a retry"
    assert isinstance(third, Document)
    assert third.content == {"a": 1}


def test_what_json_does_not_know_becomes_readable(workspace: Workspace) -> None:
    content = {
        "day": date(2026, 3, 5),
        "at": datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
        "amount": Decimal("49.90"),
        "text": "Zoë\nsays “hello” \u2028 in two lines",
        "nested": {"list": [1, None, True]},
    }
    workspace.write("extract", "helpdesk", [document(content)])
    (part,) = read(workspace)
    assert isinstance(part, Document)
    assert part.content == content | {"day": "2026-03-05", "at": "2026-03-05T09:00:00+00:00", "amount": "49.90"}


def test_any_mapping_is_kept_as_one(workspace: Workspace) -> None:
    part = Document(record=RECORD, category="x", content=MappingProxyType({"a": "b"}))
    workspace.write("extract", "helpdesk", [part])
    assert [one.content for one in read(workspace) if isinstance(one, Document)] == [{"a": "b"}]


@given(data=st.binary(max_size=300_000), text=st.text(st.characters(exclude_categories=["Cs"]), max_size=2000))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_and_any_text_come_back(workspace: Workspace, data: bytes, text: str) -> None:
    workspace.write("extract", "helpdesk", [blob(data), document({"text": text})])
    first, second = read(workspace)
    assert isinstance(first, Blob)
    assert isinstance(second, Document)
    assert b"".join(first.open()) == data
    assert second.content == {"text": text}


def test_more_than_ten_parts_keep_their_order(workspace: Workspace) -> None:
    workspace.write("extract", "helpdesk", (document({"number": number}) for number in range(25)))
    assert [part.content["number"] for part in read(workspace) if isinstance(part, Document)] == list(range(25))


def test_a_second_attempt_takes_the_place_of_the_first(workspace: Workspace) -> None:
    workspace.write("extract", "helpdesk", [document(), document(), document()])
    workspace.write("extract", "payments", [document()])
    workspace.write("extract", "helpdesk", [document({"new": 1})])
    (part,) = read(workspace)
    assert isinstance(part, Document)
    assert part.content == {"new": 1}
    assert len(read(workspace, "payments")) == 1


def test_a_system_that_gave_nothing_has_no_parts(workspace: Workspace) -> None:
    with pytest.raises(Conflict, match="missing"):
        read(workspace, "nothing")
    assert workspace.write("extract", "nothing", []) == {}
    assert read(workspace, "nothing") == []


def test_an_area_is_purged_and_the_others_stay(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("extract", "helpdesk", [document()])
    workspace.write("redacted", "helpdesk", [document()])
    workspace.purge("extract")
    with pytest.raises(Conflict, match="missing"):
        read(workspace)
    assert len(read(workspace, area="redacted")) == 1
    workspace.purge("extract")
    workspace.purge("redacted")
    assert files(tmp_path) == []


def test_neither_names_nor_bytes_show_anything(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("extract", "helpdesk", [document(), blob(b"Zaphira's voice" * 10_000)])
    for path in files(tmp_path):
        assert "zaphira" not in str(path.relative_to(tmp_path)).lower()
        assert b"zaphira" not in path.read_bytes().lower()
        assert b"boris" not in path.read_bytes().lower()
    (tmp_path / "work" / "planted").write_bytes(json.dumps({"a": "Zaphira"}).encode())
    assert any(b"zaphira" in path.read_bytes().lower() for path in files(tmp_path)), "the control: it would be seen"


def test_two_cases_lie_apart(tmp_path: Path) -> None:
    one, two = (Workspace(str(tmp_path), CaseKey(f"DSR-2026-{letter * 6}", bytes(32))) for letter in "AB")
    one.write("extract", "helpdesk", [document()])
    with pytest.raises(Conflict, match="missing"):
        read(two)
    assert len(read(one)) == 1


def test_a_part_of_another_place_is_noticed(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("extract", "helpdesk", [blob(b"one"), blob(b"two")])
    first, second, _ = files(tmp_path)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    for part in read(workspace):
        assert isinstance(part, Blob)
        with pytest.raises(Misconfigured, match="altered"):
            list(part.open())


def test_parts_of_another_system_are_noticed(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("extract", "helpdesk", [document({"a": 1})])
    workspace.write("extract", "payments", [document({"b": 2})])
    helpdesk, payments = files(tmp_path)
    helpdesk.write_bytes(payments.read_bytes())
    with pytest.raises(Misconfigured, match="altered"):
        read(workspace)


def test_a_document_that_was_cut_short_is_noticed(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("extract", "helpdesk", [document({"text": "x" * 200_000})])
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Misconfigured, match="altered or cut short"):
        read(workspace)


def test_a_recording_that_was_cut_short_is_noticed_when_it_is_read(workspace: Workspace, tmp_path: Path) -> None:
    workspace.write("extract", "helpdesk", [blob(b"x" * 300_000)])
    path, _ = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-70_000])
    (part,) = read(workspace)
    assert isinstance(part, Blob)
    with pytest.raises(Misconfigured, match="altered or cut short"):
        list(part.open())


class TestFinishedFiles:
    def test_a_file_is_put_where_it_says(self, workspace: Workspace) -> None:
        path = workspace.put_file("answer.zip", [b"PK", b"", b"zip"])
        assert Path(path).read_bytes() == b"PKzip"
        assert Path(path).name == "answer.zip"

    def test_a_later_one_takes_its_place(self, workspace: Workspace) -> None:
        workspace.put_file("answer.zip", [b"old and long"])
        assert Path(workspace.put_file("answer.zip", [b"new"])).read_bytes() == b"new"

    def test_what_breaks_off_leaves_the_earlier_one(self, workspace: Workspace) -> None:
        def broken() -> Iterator[bytes]:
            yield b"half"
            raise ConnectionError

        path = workspace.put_file("answer.zip", [b"whole"])
        with pytest.raises(ConnectionError):
            workspace.put_file("answer.zip", broken())
        assert Path(path).read_bytes() == b"whole"

    def test_purging_an_area_leaves_it(self, workspace: Workspace) -> None:
        path = workspace.put_file("answer.zip", [b"whole"])
        workspace.write("extract", "helpdesk", [document()])
        workspace.purge("extract")
        assert Path(path).exists()


def test_it_works_at_any_fsspec_location() -> None:
    fs = fsspec.filesystem("memory")
    workspace = Workspace("memory://rightsflow-test/work", KEY)
    try:
        workspace.write("extract", "helpdesk", [document(), blob(b"x" * 100_000)])
        first, second = read(workspace)
        assert first == document()
        assert isinstance(second, Blob)
        assert b"".join(second.open()) == b"x" * 100_000
        assert fs.cat(workspace.put_file("answer.zip", [b"PK"])) == b"PK"
        workspace.purge("extract")
        with pytest.raises(Conflict, match="missing"):
            read(workspace)
    finally:
        fs.rm("/rightsflow-test", recursive=True)


def test_copies_of_an_attempt_that_was_cut_short_are_not_taken_for_the_whole(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.write("extract", "helpdesk", [document({"a": 1}), document({"b": 2})])
    files(tmp_path)[0].unlink()
    with pytest.raises(Conflict, match="incomplete"):
        read(workspace)


class TestCaseFolder:
    """Removing copies needs no key, and knows whether they can be elsewhere."""

    @pytest.fixture(params=["local", "memory"])
    def location(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
        if request.param == "local":
            yield str(tmp_path / "work")
            return
        yield f"memory://{tmp_path.name}"
        with suppress(FileNotFoundError):
            fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)

    def test_everything_in_it_goes_half_written_files_too(self, location: str) -> None:
        workspace, folder = Workspace(location, KEY), CaseFolder(location, KEY.case_id)
        assert not folder.exists()
        workspace.write("extract", "helpdesk", [document()])
        workspace.put_file("package.zip", [b"PK"])
        fs, root = fsspec.core.url_to_fs(location)
        fs.pipe_file(f"{root}/{KEY.case_id}/package.zip.part", b"P")
        assert case_folders(location) == [KEY.case_id]
        folder.empty()
        assert fs.find(f"{root}/{KEY.case_id}") == []
        folder.remove()
        assert not folder.exists()
        assert case_folders(location) == []

    def test_what_is_not_there_is_no_fault(self, location: str) -> None:
        folder = CaseFolder(location, KEY.case_id)
        folder.empty()
        folder.remove()
        assert case_folders(location) == []

    def test_others_stay(self, location: str) -> None:
        other = CaseKey("DSR-2026-000000", bytes(32))
        Workspace(location, other).write("extract", "helpdesk", [document()])
        CaseFolder(location, KEY.case_id).empty()
        CaseFolder(location, KEY.case_id).remove()
        assert len(read(Workspace(location, other))) == 1

    def test_only_a_folder_of_this_machine_may_be_elsewhere(self, location: str) -> None:
        assert CaseFolder(location, KEY.case_id).may_be_elsewhere is not location.startswith("memory")

    def test_what_is_no_case_is_no_folder_of_one(self, location: str) -> None:
        fs, root = fsspec.core.url_to_fs(location)
        for name in ("notes.txt", "dsr-2026-7k3m9q", "DSR-2026-7K3M9Q.bak", "lost+found"):
            fs.makedirs(root, exist_ok=True)
            fs.pipe_file(f"{root}/{name}", b"")
        assert case_folders(location) == []


class TestDisk:
    def test_a_full_disk_is_named_and_what_was_half_written_makes_space_again(self, tmp_path: Path) -> None:
        """Before, the step "failed unexpectedly", and its half-written copies kept the disk full for all others."""
        with small_disk(tmp_path / "disk", "1m") as disk:
            work = disk / "work"
            full = Workspace(str(work), KEY)
            full.write("extract", "payments", [document()])
            with pytest.raises(Transient, match=rf"disk of the working copies \({work}\) is full; free space there"):
                full.write("extract", "helpdesk", [document(), blob(bytes(3 * 1024 * 1024))])
            assert not list(work.rglob("helpdesk")), "nothing of the attempt stays"
            assert read(full, "payments") == [document()]
            with pytest.raises(Transient, match="is full"):
                full.put_file("x.zip", [bytes(3 * 1024 * 1024)])
            assert not list(work.rglob("*.part"))
            full.write("extract", "helpdesk", [document()])
            assert read(full) == [document()], "the same step goes through once there is space"

    def test_a_read_only_disk_is_named(self, tmp_path: Path) -> None:
        """Before, the step "failed unexpectedly"."""
        with small_disk(tmp_path / "disk", "1m") as disk:
            make_read_only(disk)
            with pytest.raises(Transient, match="is read-only; mount it for writing"):
                Workspace(str(disk / "work"), KEY).write("extract", "helpdesk", [document()])

    def test_a_fault_of_the_system_that_the_bytes_come_from_is_not_taken_for_the_disks(self, tmp_path: Path) -> None:
        def parts() -> Iterator[Part]:
            yield document()
            raise PermissionError(13, "Permission denied")

        with pytest.raises(PermissionError):
            Workspace(str(tmp_path), KEY).write("extract", "helpdesk", parts())
