"""Whole cases with restricted recordings of which a restore takes the mark away, with versions and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.lifting import announce_lifting
from rightsflow.cases.course.follow_up.rounds import SystemReplay, follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import OutcomeKind
from tests.integration.connectors.s3.restoring import SOUND, THEIRS, BackUp
from tests.integration.connectors.s3.shop import BY_METADATA, Shop, settings
from tests.support.bench import SECTION, Bench, running_bench
from tests.support.peers.faulty import FaultyFront
from tests.support.steps import carry_out, searched, send_answer

pytestmark = [pytest.mark.apart, pytest.mark.usefixtures("keys")]

NewShop = Callable[..., Shop]
APPROVER, TAG = "Dana Decider", "restricted"
ANNA = {"customer-id": "C-10001", "caller": "+493023125001"}
DECIDED = "calls recording: restrict | you need them for a claim | Art. 18(1)(c) | until 2060-12-31"


@pytest.fixture
def bench(tmp_path: Path, front: FaultyFront) -> Iterator[Bench]:
    with running_bench(tmp_path) as made:
        made.moment[0] = datetime.now(UTC)
        yield made


def filled(shop: Shop) -> BackUp:
    """Anna's two recordings with one of Boris, and a back-up of them."""
    for name in ("a.wav", "b.wav"):
        shop.put(name, SOUND + name.encode(), Metadata=ANNA, Tagging="queue=support")
    shop.put("boris.wav", SOUND, mine=False, Metadata=THEIRS)
    return BackUp.of(shop, "a.wav", "b.wav", "boris.wav")


def restricted(bench: Bench, shop: Shop, front: FaultyFront) -> str:
    """Anna's erasure, answered, where a person decided that her calls are stored only."""
    place = ControllerPlace(country="DE", timezone="Europe/Berlin")
    described = settings(shop.bucket, BY_METADATA, front.endpoint, prefix=shop.prefix, restricted_tag=TAG)
    calls = S3Connector("calls", described, place, attempts=1)
    bench.runtime = replace(
        bench.runtime, connectors={**bench.systems, "calls": calls}, systems={**bench.runtime.systems, "calls": SECTION}
    )
    with installed(bench.runtime):
        case_id: str = searched(bench, "erasure")
        prepare_plan(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        lines = read_record_decisions([DECIDED])
        approved = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=APPROVER, records=lines)
        record_decision(current_app(), case_id, approved)
        settle_plan(current_app(), case_id)
        carry_out(case_id)
        write_answer(current_app(), case_id)
        send_answer(bench, case_id)
    return case_id


def tags(shop: Shop, name: str) -> list[str]:
    """What each version under a name is marked with, the newest first."""
    found = []
    for one in shop.entries(name):
        answer = shop.s3.get_object_tagging(Bucket=shop.bucket, Key=one.key, VersionId=one.version_id)
        found.append({each["Key"]: each["Value"] for each in answer["TagSet"]}.get(TAG, ""))
    return found


def events(bench: Bench, case_id: str) -> list[str]:
    wanted = {"MarksLost", "MarkedAgain", "MarksReturned", "LiftedAgain", "RecordRenamed"}
    with bench.file(case_id) as file:
        return [one.event for one in file.ledger.entries() if one.event in wanted]


def told(bench: Bench, case_id: str) -> list[str]:
    with bench.file(case_id) as file:
        return [one.what for one in file.tasks.all() if one.is_open and one.what.startswith("Restricted records")]


def replayed(bench: Bench) -> SystemReplay:
    with installed(bench.runtime):
        return replay_system(current_app(), "calls", by=APPROVER)


def lose(shop: Shop, *names: str) -> None:
    """Let a bucket be lost with all versions under some names."""
    for name in names:
        for one in shop.entries(name):
            shop.s3.delete_object(Bucket=shop.bucket, Key=one.key, VersionId=one.version_id)


def test_a_version_that_is_back_in_place_of_the_marked_one_is_marked_and_goes_by_its_name(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    saved = filled(shop)
    case_id = restricted(bench, shop, front)
    assert (tags(shop, "a.wav"), tags(shop, "b.wav"), tags(shop, "boris.wav")) == (["yes"], ["yes"], [""])
    assert replayed(bench).marked == 0
    lose(shop, "a.wav")
    saved.restore("a.wav")
    before = shop.everything_else()
    done = replayed(bench)
    assert (done.marked, done.back, done.failed) == (1, 0, [])
    assert tags(shop, "a.wav") == ["yes"]
    assert shop.everything_else() == before
    assert events(bench, case_id) == ["RecordRenamed", "MarksLost", "MarkedAgain"]
    with bench.file(case_id) as file:
        assert {one.outcome for one in file.findings.all("calls")} == {OutcomeKind.RESTRICTED}
    assert replayed(bench).marked == 0


def test_a_version_that_is_back_beside_the_marked_one_is_marked_too_and_to_remove_it_is_a_task(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    saved = filled(shop)
    case_id = restricted(bench, shop, front)
    saved.restore("a.wav")
    shop.put("b.wav", SOUND + b"x.wav", mine=False, Metadata=THEIRS)
    before = shop.everything_else()
    assert tags(shop, "a.wav") == ["", "yes"]
    with installed(bench.runtime):
        bench.pass_time(timedelta(days=1))
        assert follow_up(current_app()).marked == 1
    assert tags(shop, "a.wav") == ["yes", "yes"]
    assert shop.everything_else() == before, "another person's, of the same length under the same key, was touched"
    assert events(bench, case_id) == ["MarksLost", "MarkedAgain"]
    assert [one for one in told(bench, case_id) if "there a second time" in one]


def test_without_versions_what_is_back_in_place_is_marked_and_a_new_call_is_not(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop("plain")
    saved = filled(shop)
    case_id = restricted(bench, shop, front)
    saved.restore("a.wav")
    shop.put("b.wav", b"another day", mine=False, Metadata=ANNA)
    before = shop.everything_else()
    assert replayed(bench).marked == 1
    assert (tags(shop, "a.wav"), tags(shop, "b.wav")) == (["yes"], [""])
    assert shop.everything_else() == before
    assert [one for one in told(bench, case_id) if "not there any more: 1." in one]


def lift(bench: Bench, case_id: str) -> None:
    with installed(bench.runtime):
        with bench.file(case_id) as file:
            numbers = [one.number for one in file.findings.all("calls")]
        on = current_app().today + timedelta(days=9)
        announce_lifting(current_app(), case_id, numbers, on, reason="The claim is settled.", by=APPROVER)
        record_sent(current_app(), case_id, "L15", by="Ben")
        bench.pass_time(timedelta(days=9))
        follow_up(current_app())


def test_a_recording_whose_restriction_was_lifted_is_not_marked_again(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    saved = filled(shop)
    case_id = restricted(bench, shop, front)
    lift(bench, case_id)
    assert tags(shop, "a.wav") == [""]
    lose(shop, "a.wav")
    saved.restore("a.wav")
    done = replayed(bench)
    assert (done.marked, done.lifted) == (0, 0)
    assert (tags(shop, "a.wav"), events(bench, case_id)) == ([""], ["RecordRenamed"])


def test_a_lifted_mark_that_comes_back_with_a_version_is_taken_away_and_a_colleagues_stays(
    bench: Bench, new_shop: NewShop, front: FaultyFront
) -> None:
    shop = new_shop()
    filled(shop)
    case_id = restricted(bench, shop, front)
    marked = BackUp.of(shop, "a.wav", "b.wav")
    lift(bench, case_id)
    lose(shop, "a.wav")
    marked.restore("a.wav")
    marked.restore("b.wav")
    before = shop.everything_else()
    assert (tags(shop, "a.wav"), tags(shop, "b.wav")) == (["yes"], ["yes", ""])
    done = replayed(bench)
    assert (done.lifted, done.marked, done.failed) == (2, 0, [])
    assert (tags(shop, "a.wav"), tags(shop, "b.wav")) == ([""], ["", ""])
    assert shop.everything_else() == before
    assert events(bench, case_id) == ["RecordRenamed", "MarksReturned", "LiftedAgain"]
    (colleagues,) = shop.entries("a.wav")
    mark = {"TagSet": [{"Key": TAG, "Value": "yes"}]}
    shop.s3.put_object_tagging(Bucket=shop.bucket, Key=colleagues.key, VersionId=colleagues.version_id, Tagging=mark)
    assert replayed(bench).lifted == 0
    assert tags(shop, "a.wav") == ["yes"]
