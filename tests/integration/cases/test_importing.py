"""Many requests at once: all or nothing is checked, each is opened once, also when the import is cut short."""

from __future__ import annotations

import gc
import io
import tracemalloc
from datetime import date

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import ImportLimits, import_from_folder, import_requests
from rightsflow.cases.course.intake.opening import open_request_form, open_requests
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate, IdentityMethod
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.files.inbox import RequestFile
from tests.support import looks
from tests.support.canary import Scanner
from tests.support.identity import IMPORT_COLUMNS, as_cells
from tests.support.request_files import request_file

HEADER = "right;email;phone;received;identity_method;identity_by"
PROVEN = f"right;email;phone;received;{';'.join(IMPORT_COLUMNS)}"


def file_of(*rows, header=HEADER, mark=b"\xef\xbb\xbf"):
    return request_file(mark + "\r\n".join([header, *rows]).encode())


def bytes_of(*rows):
    return b"".join(file_of(*rows).lines())


def many(count, name="person"):
    return [f"access;{name}{number}@example.com;;2026-03-0{1 + number % 4};;" for number in range(count)]


def cases(bench):
    return bench.runtime.store.summaries(closed_too=True)


def test_each_row_becomes_a_case_as_a_form_does(bench):
    report = import_requests(current_app(), file_of("access;Anna.Quill@example.com;;2026-03-04;;"), by="Olga Opener")
    assert (report.rows, report.opened, report.duplicates, report.faults) == (1, 1, (), ())
    (case,) = cases(bench)
    assert (case.due_on, case.work_to_on) == (date(2026, 4, 7), date(2026, 4, 2))
    by_form = open_request_form(
        current_app(),
        RequestForm(right="erasure", email="anna.quill@example.com", opened_by="Olga Opener", received="2026-03-04"),
    )
    with bench.file(case.case_id) as imported:
        entries = [entry.event for entry in imported.ledger.entries()]
        assert (imported.state, imported.outbox.titles()) == (CaseState.RECEIVED, ["L1"])
        assert imported.forecasts.present is not None
    with bench.file(by_form.case_id) as typed:
        assert [entry.event for entry in typed.ledger.entries() if entry.event != "EarlierCasesFound"] == entries


def test_identity_that_is_confirmed_already_opens_the_first_gate(bench):
    import_requests(
        current_app(),
        file_of(
            ";".join(("access", "a@example.com", "", "2026-03-04", *as_cells("2026-03-04T10:00", by="Ida Identity"))),
            header=PROVEN,
        ),
        by="Olga",
    )
    with bench.file(cases(bench)[0].case_id) as file:
        decision = file.decisions.at(Gate.IDENTITY)
        assert (decision.by, decision.method, file.state) == (
            "Ida Identity",
            IdentityMethod.LOGGED_IN,
            CaseState.IN_PROGRESS,
        )


def test_one_bad_row_or_a_file_that_cannot_be_read_lets_nothing_be_imported(bench):
    report = import_requests(current_app(), file_of(*many(3), "access;not an address;;2026-03-04;;"), by="Olga")
    assert [(fault.row, fault.column) for fault in report.faults] == [(5, "email")]
    assert "1 row of 4 cannot be used" in report.sentence
    assert cases(bench) == []
    report = import_requests(current_app(), request_file(b"right,received,email,nickname\n"), by="Olga")
    assert report.faults[0].row == 1
    assert "nickname" in report.faults[0].sentence


@pytest.mark.apart
def test_three_rows_of_one_person_and_an_open_case_are_duplicates(bench):
    known = bench.open("access", email="known@example.com")
    rows = ["access;same@example.com;;2026-03-04;;"] * 3 + ["access;KNOWN@example.com;;2026-03-01;;"]
    for dry_run in (True, False):
        report = import_requests(current_app(), file_of(*rows), by="Olga", dry_run=dry_run)
        assert report.opened == 1
        assert [(twin.row, twin.of_row, twin.of_case) for twin in report.duplicates] == [
            (3, 2, ""),
            (4, 2, ""),
            (5, None, known),
        ]
        assert len(cases(bench)) == (1 if dry_run else 2)


def test_a_row_of_a_person_whose_case_is_open_joins_it_as_a_form_does(bench):
    """Before, the import noted nothing of it, so that a request after the answer went unseen."""
    known = bench.open("access", email="known@example.com")
    rows = [
        "access;known@example.com;;2026-03-01;;",
        "access;same@example.com;;2026-03-02;;",
        "access;same@example.com;;2026-03-02;;",
        "access;same@example.com;;2026-03-03;;",
    ]
    import_requests(current_app(), file_of(*rows), by="Olga", dry_run=True)
    assert joined_on(bench, known) == []
    for _ in range(2):
        import_requests(current_app(), file_of(*rows), by="Olga Opener")
    (opened,) = [one.case_id for one in cases(bench) if one.case_id != known]
    assert joined_on(bench, known) == [("Olga Opener", "2026-03-01")]
    assert joined_on(bench, opened) == [("Olga Opener", "2026-03-03")], "the row that stands there twice is one request"


def joined_on(bench, case_id):
    entries = looks.entries(bench, case_id, "RequestJoined")
    return [(one.actor, one.details["received_at"][:10]) for one in entries]


@pytest.mark.apart
def test_rows_that_wait_at_the_identity_gate_are_counted(bench):
    """Found: the report said "opened: 5", and nothing said that none of them would go on by itself."""
    for dry_run, begun in ((True, "would be opened"), (False, "opened")):
        report = import_requests(current_app(), file_of(*many(3)), by="Olga", dry_run=dry_run)
        assert report.awaiting_identity == 3
        assert report.sentence == f"3 rows; {begun}: 3 (3 to the identity gate), imported before: 0, duplicates: 0."
    assert import_requests(current_app(), file_of(*many(3)), by="Olga").awaiting_identity == 0


@pytest.mark.apart
def test_the_same_file_again_opens_nothing_and_what_is_imported_lies_sealed(bench, tmp_path):
    content = file_of(*many(5))
    import_requests(current_app(), content, by="Olga")
    again = import_requests(current_app(), content, by="Emil Else")
    assert (again.opened, again.opened_before, again.duplicates) == (0, 5, ())
    assert len(cases(bench)) == 5
    assert not Scanner({"e-mail": "person1@example.com"}).scan_folder(tmp_path)


@pytest.mark.apart
@pytest.mark.parametrize("batch", [0, 1, 2])
def test_cut_short_in_the_middle_and_repeated_it_opens_what_is_missing(bench, batch):
    """The process dies within a batch: what was stored before stays, and nothing of that batch."""
    seen = []

    def killed(intakes, current, **options):
        seen.append(len(intakes))
        if len(seen) == batch + 1:
            open_requests(intakes[:1], current, **options)
            raise KeyboardInterrupt
        return open_requests(intakes, current, **options)

    content = file_of(*many(6))
    with pytest.raises(KeyboardInterrupt):
        import_requests(current_app(), content, by="Olga", limits=ImportLimits(at_once=2, open_some=killed))
    stored = len(cases(bench))
    assert stored == 2 * batch + 1
    report = import_requests(current_app(), content, by="Olga", limits=ImportLimits(at_once=2))
    assert (report.opened, report.opened_before, len(cases(bench))) == (6 - stored, stored, 6)


def test_a_file_that_changes_while_it_is_imported_stops_it(bench):
    """The second reading meets another file than the one that was checked."""
    contents = iter([file_of(*many(3)), file_of(*many(2), "access;not an address;;2026-03-04;;")])
    changing = RequestFile(lambda: io.BytesIO(b"".join(next(contents).lines())))
    with pytest.raises(BadInput, match="changed while it was imported"):
        import_requests(current_app(), changing, by="Olga")
    assert cases(bench) == []


def test_a_million_faults_would_be_counted_and_the_first_of_them_listed(bench):
    file = file_of(*["access;;;2026-03-04;;"] * 5, *["access;a@example.com;;2026-03-04;;"] * 6)
    report = import_requests(current_app(), file, by="Olga", limits=ImportLimits(told=3))
    assert (report.faulty_rows, len(report.faults), report.duplicate_rows, len(report.duplicates)) == (5, 3, 5, 3)
    assert "5 rows of 11 cannot be used" in report.sentence


def peak(folder, rows, name):
    """The most memory that Python's objects take while a file is checked of which the last row is wrong."""
    path = folder / "requests.csv"
    path.write_bytes(bytes_of(*many(rows, name), "access;;;2026-03-04;;"))
    # The more lives already, the longer what is no more is left in memory; so nothing else is counted.
    gc.collect()
    gc.freeze()
    gc.collect()
    tracemalloc.start()
    try:
        assert import_requests(current_app(), RequestFile(lambda: path.open("rb")), by="Olga").faulty_rows == 1
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.apart
def test_ten_times_as_many_rows_take_no_more_memory(bench, tmp_path):
    """A million rows took 1.4 GB; the whole measurement is ``python -m benchmarks.importing_memory``."""
    peak(tmp_path, 3000, "first")  # fills what is kept for all files, however many rows they have
    # Ten times as much where it does; a third of a megabyte more or less is what waits to be cleared.
    assert peak(tmp_path, 3000, "next") < 4 * peak(tmp_path, 300, "last")


def test_two_imports_at_once_are_not(bench):
    assert bench.runtime.store.take_role("import", "somebody else")
    with pytest.raises(Conflict, match="Another import"):
        import_requests(current_app(), file_of(*many(1)), by="Olga")
    bench.runtime.store.release_role("import", "somebody else")
    assert import_requests(current_app(), file_of(*many(1)), by="Olga").opened == 1


def test_a_file_of_the_folder_goes_once_it_is_imported(bench, tmp_path):
    folder = tmp_path / "imports"
    folder.mkdir()
    file = folder / "march.csv"
    file.write_bytes(bytes_of(*many(2), "access;;;2026-03-04;;"))
    assert import_from_folder(current_app(), "march.csv", by="Olga").faults
    file.write_bytes(bytes_of(*many(2)))
    assert import_from_folder(current_app(), "march.csv", by="Olga", dry_run=True).opened == 2
    assert file.exists()
    assert import_from_folder(current_app(), "march.csv", by="Olga").opened == 2
    assert not file.exists()


def test_only_bare_names_of_files_that_are_there_are_taken(bench, tmp_path):
    (tmp_path / "march.csv").write_bytes(bytes_of(*many(1)))
    for name in ["../march.csv", "a/march.csv", "/etc/passwd", "march.txt", ".csv", "", "m\n.csv", "gone.csv"]:
        with pytest.raises(BadInput) as caught:
            import_from_folder(current_app(), name, by="Olga")
        assert str(tmp_path) not in str(caught.value)
        assert cases(bench) == []
