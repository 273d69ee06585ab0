"""The ladder as data: what is promised by default, and what cannot be climbed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.domain.alerts.ladder import Audience, DueSoon, Ladder
from rightsflow.domain.errors import BadInput

OWNER, DPO, MANAGEMENT = Audience.OWNER, Audience.DPO, Audience.MANAGEMENT


def test_by_default_it_is_the_promised_one_and_any_number_but_a_negative_one_may_be_given() -> None:
    # By default it is the promised one.
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
    assert Ladder(remind_hours=0).reminder is None
    # Rungs come nearer to the date.
    for days in ((7, 14), (7, 7), (3, -1)):
        with pytest.raises(BadInput, match=r"watch\.due_soon .* the highest first"):
            Ladder(due_soon=tuple(DueSoon(day, (OWNER,)) for day in days))
    # No number is negative.
    for name in (
        "extension_notice_days",
        "gate_working_days",
        "acknowledgement_working_days",
        "step_hours",
        "remind_hours",
    ):
        with pytest.raises(BadInput, match=rf"watch\.{name} is below 0; give 0 or more"):
            Ladder(**{name: -1})
        assert getattr(Ladder(**{name: 0}), name) == 0
    assert Ladder(due_soon=()).missed
