"""What a restore brings back to a versioned bucket as new versions: the connector alone, and a whole case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector
from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import SystemReplay, follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import DocumentClass, OutcomeKind
from rightsflow.store.case.case_tasks import CaseTask
from tests.integration.cases.answered_erasures import answered
from tests.integration.connectors.s3.restoring import (
    OTHER_SOUND,
    SOUND,
    THEIRS,
    BackUp,
    marks_are_of_no_marker,
    restored_as_new_versions,
    restored_in_other_parts,
    restored_under_a_name_that_names_the_person,
    stored_in_their_place,
)
from tests.integration.connectors.s3.shop import BY_METADATA, Shop, settings
from tests.support.bench import SECTION, Bench, running_bench
from tests.support.peers.faulty import FaultyFront
from tests.support.steps import carry_out, searched, send_answer

NewShop = Callable[..., Shop]
Connect = Callable[..., S3Connector]
APPROVER, TAG = "Dana Decider", "card-code"
ANNA = {"customer-id": "C-10001", "caller": "+493023125001"}


@pytest.mark.apart
def test_what_comes_back_is_told_by_whose_it_is_and_by_its_content(new_shop: NewShop, connect: Connect) -> None:
    # What comes back is told by whose it is and by its content.
    shop = new_shop()
    restored_as_new_versions(shop, connect(shop, BY_METADATA))
    marks_are_of_no_marker(shop)
    shop = new_shop("plain")
    stored_in_their_place(shop, connect(shop, BY_METADATA))
    # What comes back under a key that names the person is told.
    shop = new_shop()
    match = {"by": "key", "template": "{customer_id}/"}
    restored_under_a_name_that_names_the_person(shop, connect(shop, match))


@pytest.mark.apart
def test_what_comes_back_in_other_parts_is_told_by_its_content(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop()
    restored_in_other_parts(shop, connect(shop, BY_METADATA))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with running_bench(tmp_path) as made:
        made.moment[0] = datetime.now(UTC)
        yield made


def with_recordings(bench: Bench, shop: Shop, front: FaultyFront, **more: Any) -> None:
    """Anna's erasure, answered, where her calls lie in the shop."""
    classes = dict.fromkeys(("recording", "transcript", "screen-recording"), DocumentClass.NONE)
    section = {"prefix": shop.prefix, **more}
    place = ControllerPlace(country="DE", timezone="Europe/Berlin")
    calls = S3Connector("calls", settings(shop.bucket, BY_METADATA, front.endpoint, **section), place, attempts=1)
    bench.runtime = replace(
        bench.runtime,
        connectors={**bench.systems, "calls": calls},
        systems={**bench.runtime.systems, "calls": SECTION.model_copy(update={"document_classes": classes})},
    )


def kept_muted(bench: Bench) -> str:
    """Anna's erasure, answered, where a person decides that her call is kept."""
    case_id: str = searched(bench, "erasure")
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    kept = read_record_decisions(["calls recording: keep | defence of a claim | Art. 17(3)(e) | until 2030-12-31"])
    approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=APPROVER, records=kept)
    record_decision(current_app(), case_id, approved)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


def replayed(bench: Bench) -> SystemReplay:
    with installed(bench.runtime):
        return replay_system(current_app(), "calls", by=APPROVER)


def open_tasks(bench: Bench, case_id: str) -> list[CaseTask]:
    with bench.file(case_id) as file:
        return [one for one in file.tasks.all() if one.is_open and one.system == "calls"]


def by_hand(bench: Bench, case_id: str) -> list[CaseTask]:
    return [one for one in open_tasks(bench, case_id) if one.kind is TaskKind.MANUAL]


@pytest.mark.apart
@pytest.mark.usefixtures("keys")
def test_a_replay_erases_what_a_restore_brought_back_as_a_new_version(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    for name in ("a.wav", "b.wav", "c.wav"):
        shop.put(name, SOUND, Metadata=ANNA)
    shop.put("boris.wav", SOUND, mine=False, Metadata=THEIRS)
    saved = BackUp.of(shop, "a.wav", "boris.wav")
    with_recordings(bench, shop, front)
    with installed(bench.runtime):
        case_id = answered(bench)
    assert shop.left() == ["boris.wav"]
    assert replayed(bench).back == 0
    for _ in range(2):
        saved.restore("a.wav")
    shop.put("b.wav", OTHER_SOUND, mine=False, Metadata=THEIRS)
    shop.put("c.wav", OTHER_SOUND, mine=False, Metadata=ANNA)
    before = shop.everything_else()
    done = replayed(bench)
    assert (done.back, done.erased, done.asked, done.failed) == (2, 1, 1, [])
    assert shop.left() == ["b.wav", "boris.wav", "c.wav"]
    assert shop.everything_else() == before, "what is another's, or may be new, was touched"
    (task,) = open_tasks(bench, case_id)
    assert (task.kind, task.records) == (TaskKind.MANUAL, 1)
    with bench.file(case_id) as file:
        calls = [one for one in file.findings.all() if one.ref.system == "calls"]
        assert {one.outcome for one in calls} == {OutcomeKind.ERASED}
        assert file.outbox.has("L24")
        record = fold(file.ledger.entries())
    assert [one.outcome for one in record.records if one.system == "calls"] == ["erased"] * 3
    assert replayed(bench).back == 0
    assert len(open_tasks(bench, case_id)) == 1, "the same is asked once"


@pytest.mark.apart
@pytest.mark.usefixtures("keys")
def test_the_follow_up_sees_it_on_the_next_day_and_a_person_approves(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    shop.put("a.wav", SOUND, Metadata=ANNA)
    saved = BackUp.of(shop, "a.wav")
    with_recordings(bench, shop, front)
    with installed(bench.runtime):
        case_id = answered(bench)
        saved.restore("a.wav")
        bench.pass_time(timedelta(days=1))
        assert follow_up(current_app()).back == 1
        (task,) = open_tasks(bench, case_id)
        assert (task.kind, task.records, shop.left()) == (TaskKind.RETURNED, 1, ["a.wav"])
        approve_task(current_app(), case_id, task.number, by=APPROVER)
        follow_up(current_app())
    assert (shop.left(), open_tasks(bench, case_id)) == ([], [])


@pytest.mark.apart
@pytest.mark.usefixtures("keys")
def test_without_versions_a_new_call_is_not_told_as_back(bench: Bench, new_shop: NewShop, front: FaultyFront) -> None:
    shop = new_shop("plain")
    for name in ("a.wav", "b.wav"):
        shop.put(name, SOUND, Metadata=ANNA)
    saved = BackUp.of(shop, "b.wav")
    with_recordings(bench, shop, front)
    with installed(bench.runtime):
        case_id = answered(bench)
        assert shop.left() == []
        shop.put("a.wav", SOUND + b"another day", mine=False, Metadata=ANNA)
        before = shop.everything_else()
        bench.pass_time(timedelta(days=1))
        assert follow_up(current_app()).back == 0
        assert open_tasks(bench, case_id) == []
        with bench.file(case_id) as file:
            assert not file.outbox.has("L24")
        saved.restore("b.wav")
        assert replayed(bench).back == 1
        with bench.file(case_id) as file:
            assert file.outbox.has("L24")
    assert shop.left() == ["a.wav"]
    assert shop.everything_else() == before, "the new call was touched"


@pytest.mark.apart
@pytest.mark.usefixtures("keys")
def test_a_muted_recording_that_is_back_unmuted_is_a_task_for_a_person(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    shop.put("a.wav", SOUND, Metadata=ANNA, Tagging=f"{TAG}=0.25-0.5")
    saved = BackUp.of(shop, "a.wav")
    with_recordings(bench, shop, front, card_code_tag=TAG)
    with installed(bench.runtime):
        case_id = kept_muted(bench)
        bench.pass_time(timedelta(days=1))
        follow_up(current_app())
        assert by_hand(bench, case_id) == []
        saved.restore("a.wav")
        before = shop.everything_else()
        bench.pass_time(timedelta(days=6))
        follow_up(current_app())
        (task,) = by_hand(bench, case_id)
        assert task.records == 1
        assert "unmuted" in task.what
        done = replay_system(current_app(), "calls", by=APPROVER)
        assert (done.erased, done.asked) == (0, 1)
    assert len(shop.entries("a.wav")) == 2, "the muted one and the restored one"
    assert shop.everything_else() == before
