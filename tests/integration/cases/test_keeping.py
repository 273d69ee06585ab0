"""What goes when: copies, evidence, forms; by rounds that are cut short, fail for one case, or run elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import fsspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_refusal
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.work.access.package import extract_records
from rightsflow.cases.work.purge import note_settled, purge
from rightsflow.config.sections.limits import KeepingSettings
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.files.workspace import CaseFolder
from tests.integration.cases.kept import folder, prepared, removals
from tests.support.desk import DAY, refuse_identity
from tests.support.kept_cases import staged
from tests.support.steps import answered_access, nothing_held, searched

OVER = datetime(2035, 1, 2, 12, tzinfo=UTC)


@staged
def refused(bench, **fields):
    case_id = prepared(bench, **fields)
    details = {"Provision": "§ 29 BDSG"}
    record_decision(
        current_app(),
        case_id,
        Decision(gate=Gate.APPROVAL, verdict=Verdict.REFUSED, by="Dana", reason="A claim.", code="R6", details=details),
    )
    return case_id


def kept(bench, case_id):
    """The days that are noted of a case: (evidence, copies)."""
    with bench.file(case_id) as file:
        return file.keeping.evidence_until, file.keeping.copies_end_on


def secrets(bench, case_id):
    with bench.file(case_id) as file:
        return file.outbox.secret("package"), file.outbox.secret("passphrase")


def go(bench, **options):
    return purge(bench.runtime, **options)


def _identity_refused(bench):
    case_id = bench.open("access")
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    refuse_identity(case_id)
    return case_id


class TestCopies:
    def test_of_an_answer_they_go_thirty_days_after_it_went_out(self, bench):
        case_id = answered_access(bench)
        assert kept(bench, case_id) == (date(2029, 12, 31), None)
        assert [path.suffix for path in folder(bench, case_id).rglob("*") if path.is_file()] == [".zip"]
        bench.pass_time(100 * DAY)
        assert go(bench).copies == ()
        record_sent(current_app(), case_id, "L9", by="Ben")
        assert kept(bench, case_id)[1] == bench.runtime.today + 30 * DAY
        bench.pass_time(29 * DAY)
        assert go(bench).copies == ()
        assert all(secrets(bench, case_id))
        bench.pass_time(DAY)
        assert go(bench, dry_run=True).copies == (case_id,)
        assert folder(bench, case_id).exists()
        assert go(bench).copies == (case_id,)
        assert not folder(bench, case_id).exists()
        assert secrets(bench, case_id) == (None, None)
        assert go(bench).copies == ()
        assert removals(bench, case_id) == ["delivered-and-over"]

    def test_the_setting_makes_it_shorter_and_a_late_note_counts_from_the_day_itself(self, bench):
        case_id = answered_access(bench)
        sent_at = bench.moment[0]
        bench.pass_time(9 * DAY)
        settings_ = bench.runtime.settings.model_copy(update={"retention": KeepingSettings(copies_days=7)})
        with installed(replace(bench.runtime, settings=settings_)):
            record_sent(current_app(), case_id, "L9", at=sent_at, by="Ben")
        assert kept(bench, case_id)[1] == date(2026, 3, 12)
        assert go(bench).copies == (case_id,)

    def test_of_a_refusal_they_go_with_the_letter_and_half_written_files_and_what_came_late_too(self, bench):
        case_id = refused(bench)
        assert kept(bench, case_id)[1] == bench.runtime.today
        write_refusal(current_app(), case_id)
        assert not folder(bench, case_id).exists()
        assert removals(bench, case_id) == ["refused"]
        assert secrets(bench, case_id) == (None, None)
        assert go(bench).copies == ()
        folder(bench, case_id).mkdir()
        (folder(bench, case_id) / f"{case_id}.zip.part").write_bytes(b"PK")
        others = folder(bench, "DSR-2026-000000")
        others.mkdir()
        (others.parent / "notes.txt").write_text("somebody's")
        go(bench)
        assert not folder(bench, case_id).exists()
        assert others.exists(), "a case of another store is not ours to remove"
        assert (others.parent / "notes.txt").exists()

    def test_after_an_extract_that_failed_what_there_is_goes(self, bench):
        case_id = searched(bench, "access")
        bench.systems["helpdesk"].fail("extract", after=2)
        with pytest.raises(Exception, match="helpdesk"):
            extract_records(current_app(), case_id, "helpdesk")
        assert not any(path.is_file() for path in folder(bench, case_id).rglob("*")), "half-written copies stay"
        withdraw(current_app(), case_id, by="Ida")
        assert not folder(bench, case_id).exists()
        assert removals(bench, case_id) == ["withdrawn"]

    @pytest.mark.parametrize("close", [nothing_held, _identity_refused])
    def test_where_there_were_none_nothing_is_said_of_them(self, bench, close):
        case_id = close(bench)
        assert kept(bench, case_id) == (date(2029, 12, 31), None)
        assert removals(bench, case_id) == []

    def test_a_round_that_is_cut_short_is_taken_up_by_the_next(self, bench, monkeypatch):
        case_id = refused(bench)
        with monkeypatch.context() as patch:
            patch.setattr("rightsflow.store.case.keeping.Keeping.note_copies_removed", _cut)
            with pytest.raises(KeyboardInterrupt):
                go(bench)
        assert list(folder(bench, case_id).iterdir()) == []
        with monkeypatch.context() as patch:
            patch.setattr("rightsflow.cases.work.purge.drop_folder", _cut)
            with pytest.raises(KeyboardInterrupt):
                go(bench)
        assert removals(bench, case_id) == ["refused"]
        assert folder(bench, case_id).exists()
        assert go(bench).copies == ()
        assert not folder(bench, case_id).exists()
        assert removals(bench, case_id) == ["refused"]

    @pytest.mark.apart
    def test_what_lies_on_another_machine_is_said_and_goes_there(self, bench, tmp_path):
        there, others = refused(bench), refused(bench, email="boris.other@example.org")
        elsewhere = replace(bench.runtime, work_location=str(tmp_path / "another"))
        CaseFolder(elsewhere.work_location, others).empty()
        (tmp_path / "another").mkdir()
        folder(bench, others).rename(tmp_path / "another" / others)
        done = purge(elsewhere)
        assert (done.copies, done.elsewhere) == ((others,), (there,))
        assert done.sentence == (
            "Working copies removed: 1, working copies on another machine, where `rightsflow service purge` has "
            "to be run: 1."
        )
        assert removals(bench, there) == []
        assert (go(bench).copies, go(bench).elsewhere) == ((there,), ())

    def test_a_case_that_is_purged_elsewhere_leaves_no_folder_here(self, bench, tmp_path):
        case_id = prepared(bench)
        withdrawn_elsewhere = replace(bench.runtime, work_location=str(tmp_path / "another"))
        with installed(withdrawn_elsewhere):
            withdraw(current_app(), case_id, by="Ida")
        assert removals(bench, case_id) == []
        bench.moment[0] = OVER
        done = purge(withdrawn_elsewhere)
        assert (done.elsewhere, list(done.cases)) == ((case_id,), [case_id])
        assert folder(bench, case_id).exists()
        go(bench)
        assert not folder(bench, case_id).exists()

    def test_of_a_refusal_whose_run_never_went_on_they_go_with_the_next_round_unless_it_is_worked_on(self, bench):
        case_id = refused(bench)
        bench.runtime.store.take_lease(case_id, "somebody")
        done = go(bench)
        assert (done.copies, done.passed_over) == ((), (case_id,))
        bench.runtime.store.release_lease(case_id, "somebody")
        assert go(bench).copies == (case_id,)
        assert not folder(bench, case_id).exists()
        write_refusal(current_app(), case_id)
        assert removals(bench, case_id) == ["refused"]

    @pytest.mark.apart
    def test_one_that_fails_does_not_keep_the_others(self, bench, monkeypatch):
        bad, good = sorted([refused(bench), refused(bench, email="boris.other@example.org")])
        whole = CaseFolder.empty

        def fails(self):
            if bad in self._root:
                raise PermissionError("anna.quill@example.com")
            whole(self)

        monkeypatch.setattr(CaseFolder, "empty", fails)
        done = go(bench)
        assert (done.copies, done.passed_over) == ((good,), (bad,))
        assert "left to the next round: 1" in done.sentence

    @pytest.mark.apart
    def test_in_shared_storage(self, bench):
        shared = replace(bench.runtime, work_location="memory://copies")
        bench.runtime = shared
        with installed(shared):
            case_id = refused(bench)
            memory = fsspec.filesystem("memory")
            assert memory.find(f"/copies/{case_id}")
            assert purge(shared).copies == (case_id,)
            assert not memory.exists(f"/copies/{case_id}")


def _cut(*_args):
    raise KeyboardInterrupt


class TestEvidence:
    def test_it_counts_from_the_answers_going_out_and_not_from_an_acknowledgement_that_is_noted_late(self, bench):
        case_id = nothing_held(bench)
        bench.pass_time(365 * DAY)
        record_sent(current_app(), case_id, "L1", by="Ben")
        assert kept(bench, case_id)[0] == date(2029, 12, 31)
        record_sent(current_app(), case_id, "L8", by="Ben")
        assert kept(bench, case_id)[0] == date(2030, 12, 31)

    @pytest.mark.apart
    def test_the_setting_goes_before_the_country_and_the_letter_says_the_same(self, bench):
        settings_ = bench.runtime.settings.model_copy(update={"retention": KeepingSettings(evidence_months=12)})
        bench.runtime = replace(bench.runtime, settings=settings_)
        with installed(bench.runtime):
            case_id = nothing_held(bench)
            with bench.file(case_id) as file:
                (letter,) = (one for one in file.outbox.letters() if one.template_id == "L8")
        assert kept(bench, case_id)[0] == date(2027, 12, 31)
        assert "31 December 2027" in letter.body

    def test_a_case_whose_answer_is_not_noted_as_sent_is_open_and_kept(self, bench):
        case_id = nothing_held(bench)
        sent_at = bench.moment[0]
        bench.moment[0] = OVER
        done = go(bench)
        assert done.cases == {}
        assert done.held == {}
        assert [one.case_id for one in bench.runtime.store.summaries()] == [case_id]
        record_sent(current_app(), case_id, "L8", at=sent_at + timedelta(hours=1), by="Ben")
        assert go(bench, dry_run=True).cases == {case_id: date(2029, 12, 31)}
        assert go(bench).cases == {case_id: date(2029, 12, 31)}
        assert go(bench).cases == {}

    def test_where_the_law_of_the_country_keeps_it_longer_than_was_noted_it_stays(self, bench):
        case_id = bench.open("access")
        withdraw(current_app(), case_id, by="Ida")
        controller = bench.runtime.settings.controller.model_copy(update={"country": "NL"})
        settings_ = bench.runtime.settings.model_copy(update={"controller": controller})
        bench.moment[0] = datetime(2030, 1, 1, 12, tzinfo=UTC)
        assert purge(replace(bench.runtime, settings=settings_)).cases == {}
        assert kept(bench, case_id)[0] == date(2031, 12, 31)

    def test_days_that_are_not_noted_are_and_copies_go_before_the_case_does_of_which_nothing_is_said(self, bench):
        case_id = answered_access(bench)
        record_sent(current_app(), case_id, "L9", by="Ben")
        with bench.runtime.store.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE cases SET evidence_until = NULL, copies_end_on = NULL")
        go(bench)
        assert kept(bench, case_id) == (date(2029, 12, 31), date(2026, 4, 4))
        bench.moment[0] = OVER
        done = go(bench)
        assert (done.copies, list(done.cases)) == ((case_id,), [case_id])
        assert "anna" not in repr(done).lower()
        assert not folder(bench, case_id).exists()


ENDS = {
    "answered": (CaseAction.CONFIRM_IDENTITY, CaseAction.SUBMIT_FOR_APPROVAL, CaseAction.APPROVE, CaseAction.ANSWER),
    "refused": (CaseAction.REFUSE,),
    "withdrawn": (CaseAction.WITHDRAW,),
    "nothing held": (
        CaseAction.CONFIRM_IDENTITY,
        CaseAction.SUBMIT_FOR_APPROVAL,
        CaseAction.APPROVE,
        CaseAction.REPORT_NOTHING_HELD,
    ),
    "unsent": (CaseAction.REFUSE,),
    "open": (CaseAction.CONFIRM_IDENTITY,),
}
"""How a case reaches each end."""
ANSWER = {"answered": "L9", "refused": "L7", "nothing held": "L8", "unsent": "L7"}
NUMBERS = count()
DAYS = st.integers(0, 700)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.lists(st.tuples(st.sampled_from(sorted(ENDS)), DAYS, DAYS), min_size=2, max_size=5),
    others=st.lists(st.dates(date(2028, 3, 1), date(2034, 12, 31)), max_size=3),
)
@example(ends=[(end, 0, 0) for end in ENDS], others=[])
@example(ends=[(end, 301, 0) for end in ENDS] + [(end, 300, 60) for end in ENDS], others=[date(2030, 6, 1)])
def test_over_years_nothing_goes_before_its_day_and_everything_the_day_after(bench, ends, others):
    """Cases of every end, closed and answered on some days; rounds on the days around each end, and on others."""
    start = datetime(2026, 3, 5, 9, tzinfo=UTC)
    last_days = {}
    for end, closed_after, sent_after in sorted(ends, key=lambda one: one[1]):
        bench.moment[0] = start + closed_after * DAY
        case_id, on = _ended(bench, end), bench.runtime.today
        if end in ANSWER and end != "unsent":
            bench.moment[0] += sent_after * DAY
            record_sent(current_app(), case_id, ANSWER[end], by="Ben")
            on = bench.runtime.today
        if end not in {"unsent", "open"}:
            last_days[case_id] = date(on.year + 3, 12, 31)
        else:
            last_days[case_id] = date.max
    rounds = {day + more * DAY for day in last_days.values() if day < date.max for more in (0, 1)} | set(others)
    for today in sorted(rounds):
        bench.moment[0] = datetime(today.year, today.month, today.day, 11, tzinfo=UTC)
        gone = go(bench).cases
        assert all(today > last_days[case_id] for case_id in gone if case_id in last_days)
        left = {one.case_id for one in bench.runtime.store.summaries(closed_too=True)}
        assert left & set(last_days) == {case_id for case_id, day in last_days.items() if today <= day}


def _ended(bench, end):
    case_id = bench.open("access", email=f"number-{next(NUMBERS)}@example.com")
    with bench.file(case_id) as file:
        for action in ENDS[end]:
            file.advance(action)
        note_settled(file, bench.runtime)
        if end in ANSWER:
            file.outbox.put(
                template_id=ANSWER[end],
                version="1",
                language="en",
                subject_line="Yours",
                body="Dear Anna",
                variables_hash="",
            )
    return case_id
