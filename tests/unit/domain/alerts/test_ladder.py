"""The ladder as data: what is promised by default, and what cannot be climbed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.domain.alerts.ladder import Audience, DueSoon, Ladder
from rightsflow.domain.errors import BadInput

OWNER, DPO, MANAGEMENT = Audience.OWNER, Audience.DPO, Audience.MANAGEMENT


def test_by_default_it_is_the_promised_one() -> None:
    ladder = Ladder()
    assert [(rung.days, set(rung.tell)) for rung in ladder.due_soon] == [
        (14, {OWNER}),
        (7, {OWNER}),
        (3, {OWNER, DPO}),
        (1, {DPO, MANAGEMENT}),
    ]
    assert set(ladder.missed) == {OWNER, DPO, MANAGEMENT}
    assert (ladder.gate_working_days, ladder.step_hours) == (2, 24)
    assert ladder.reminder == timedelta(hours=24)


def test_reminders_can_be_done_without() -> None:
    assert Ladder(remind_hours=0).reminder is None


@pytest.mark.parametrize("days", [(7, 14), (7, 7), (3, -1)])
def test_rungs_come_nearer_to_the_date(days: tuple[int, ...]) -> None:
    with pytest.raises(BadInput, match=r"watch\.due_soon .* the highest first"):
        Ladder(due_soon=tuple(DueSoon(day, (OWNER,)) for day in days))


@pytest.mark.parametrize(
    "name",
    ["extension_notice_days", "gate_working_days", "acknowledgement_working_days", "step_hours", "remind_hours"],
)
def test_no_number_is_negative(name: str) -> None:
    with pytest.raises(BadInput, match=rf"watch\.{name} is below 0; give 0 or more"):
        Ladder(**{name: -1})
    assert getattr(Ladder(**{name: 0}), name) == 0


def test_without_rungs_before_the_date_there_are_those_after_it() -> None:
    assert Ladder(due_soon=()).missed
