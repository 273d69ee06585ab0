"""Copies in memory: the same as those on the disk, written once, and never mistaken for what a later attempt makes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import pytest

from rightsflow.domain.errors import Conflict, Misconfigured, Transient
from rightsflow.domain.records import Blob, Document, Part, RecordRef
from rightsflow.files.case_folders import CaseFolder
from rightsflow.files.copies_at_hand import CopiesAtHand
from rightsflow.files.workspace import Workspace
from rightsflow.vault import CaseKey

KEY = CaseKey("DSR-2026-7K3M9Q", bytes(range(32)))
CASE = KEY.case_id
SOUND = bytes(range(256)) * 200


class Killed(BaseException):
    """Ends a process in the middle of a phase, which writes nothing any more."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def hand() -> CopiesAtHand:
    return CopiesAtHand(most_of_case=len(SOUND) * 2, most_of_all=len(SOUND) * 3)


def parts(word: str, *, files: int = 1) -> list[Part]:
    record = RecordRef("helpdesk", "ticket", f"Zaphira/{word}")
    metadata = MappingProxyType({"seconds": 12})
    told = Document(record=record, category="tickets", content={"said": word, "n": 1}, others=frozenset({"Boris"}))
    sound = Blob(
        record=record,
        category="recordings",
        name="a.wav",
        media_type="audio/wav",
        metadata=metadata,
        open=lambda: iter([SOUND[:1000], SOUND[1000:]]),
    )
    return [told, *[sound] * files, told]


def told(read: list[Part]) -> list[object]:
    return [one.content if isinstance(one, Document) else (one.name, b"".join(one.open())) for one in read]


def workspace(folder: Path, hand: CopiesAtHand | None = None) -> Workspace:
    return Workspace(str(folder), KEY, hand.of(CASE) if hand else None)


def read(folder: Path, area: str = "extract", system: str = "helpdesk", hand: CopiesAtHand | None = None):
    return told(list(workspace(folder, hand).read(area, system)))


def on_disk(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder / CASE)) for path in folder.rglob("*") if path.is_file())


def test_the_next_step_reads_what_another_process_reads_after_it_is_written(folder, hand):
    with hand.phase(CASE):
        counts = workspace(folder, hand).write("extract", "helpdesk", parts("kettle"))
        assert counts == {"tickets": 2, "recordings": 1}
        assert on_disk(folder) == []
        before = read(folder, hand=hand)
        workspace(folder, hand).settle()
        assert on_disk(folder) == ["extract.copies"]
    assert read(folder) == before == told(parts("kettle"))
    assert workspace(folder).size("extract", "helpdesk", 1) == len(SOUND)
    written = (folder / CASE / "extract.copies").read_bytes()
    assert not any(one in written for one in (b"kettle", b"helpdesk", b"Zaphira", SOUND[:64]))


def test_the_same_comes_back_from_a_folder_of_large_copies(folder, hand, tmp_path):
    with hand.phase(CASE):
        workspace(folder, hand).write("extract", "helpdesk", parts("large", files=3))
        assert "extract/helpdesk/parts" in on_disk(folder), "more than there is room for in memory"
        assert read(folder, hand=hand) == told(parts("large", files=3))
        workspace(folder, hand).write("extract", "payments", parts("small", files=0))
        workspace(folder, hand).settle()
    workspace(tmp_path / "other").write("extract", "helpdesk", parts("large", files=3))
    assert read(folder) == read(tmp_path / "other")
    assert read(folder, system="payments") == told(parts("small", files=0))


def test_a_process_holds_no_more_than_it_may_of_all_cases(folder, hand):
    others = CaseKey("DSR-2026-8M4N2R", bytes(range(32)))
    with hand.phase(CASE), hand.phase(others.case_id) as other:
        workspace(folder, hand).write("extract", "helpdesk", parts("first"))
        Workspace(str(folder), others, other).write("extract", "helpdesk", parts("second", files=2))
        assert (folder / others.case_id / "extract" / "helpdesk" / "complete").exists()
    with hand.phase(CASE):
        workspace(folder, hand).write("extract", "helpdesk", parts("third"))
        assert list((folder / CASE).iterdir()) == [], "what an ended phase held counts no more"


def test_a_process_that_dies_leaves_nothing_and_never_an_older_copy(folder, hand):
    with hand.phase(CASE):
        workspace(folder, hand).write("masked", "helpdesk", parts("as it was shown"))
        workspace(folder, hand).write("masked", "payments", parts("beside it", files=0))
        workspace(folder, hand).settle()
    with suppress(Killed), hand.phase(CASE):
        workspace(folder, hand).write("masked", "helpdesk", parts("masked again"))
        assert read(folder, "masked", "payments", hand) == told(parts("beside it", files=0))
        raise Killed
    assert not workspace(folder).holds("masked", "helpdesk")
    assert CaseFolder(str(folder), CASE).exists(), "the sign that copies were made here, so that it is noted as they go"
    with pytest.raises(Conflict, match="missing"):
        read(folder, "masked")


def test_what_is_written_outside_of_a_phase_counts_from_then_on(folder, hand):
    with hand.phase(CASE):
        workspace(folder, hand).write("extract", "helpdesk", parts("first"))
        workspace(folder, hand).write("extract", "payments", parts("stays", files=0))
        workspace(folder, hand).settle()
    workspace(folder).write("extract", "helpdesk", parts("second"))
    assert read(folder) == told(parts("second"))
    assert read(folder, system="payments") == told(parts("stays", files=0))
    with hand.phase(CASE):
        workspace(folder, hand).write("extract", "helpdesk", parts("third"))
        workspace(folder, hand).settle()
    assert read(folder) == told(parts("third"))


def test_an_altered_or_cut_file_is_never_read(folder, hand):
    with hand.phase(CASE):
        workspace(folder, hand).write("extract", "helpdesk", parts("kettle"))
        workspace(folder, hand).settle()
    path = folder / CASE / "extract.copies"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Misconfigured, match="altered"):
        read(folder)


def test_a_system_that_fails_half_way_leaves_nothing_at_hand(folder, hand):
    def failing():
        yield parts("half")[0]
        raise Transient("The helpdesk does not answer.")

    with hand.phase(CASE) as held:
        with pytest.raises(Transient):
            workspace(folder, hand).write("extract", "helpdesk", failing())
        assert held.unsettled == []
        assert not workspace(folder, hand).holds("extract", "helpdesk")


def test_purged_is_purged_in_memory_too(folder, hand):
    with hand.phase(CASE) as held:
        for area in ("extract", "masked", "kept"):
            workspace(folder, hand).write(area, "helpdesk", parts(area, files=0))
        workspace(folder, hand).settle()
        workspace(folder, hand).write("masked", "helpdesk", parts("again", files=0))
        workspace(folder, hand).purge("extract", "masked")
        assert held.unsettled == []
    assert on_disk(folder) == ["kept.copies"]
