"""A date that was promised stays: what is computed again for the same events may only come earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from rightsflow.clock.model import DueDates

D = TypeVar("D", date, datetime)


def keep_promise(promised: DueDates, recomputed: DueDates) -> DueDates:
    """The earlier of each date, under the versions of the new computation.

    A new holiday table may make a holiday of a working day or the other way round. An earlier date is taken over,
    since a day that is no holiday moves nothing; a later one is not, because the earlier one was told
    (``docs/decisions/0002-clock.md``).

    Only for the same events: after a suspension, its end or an extension the computed dates hold as they are, even
    where they are later. Should the new table make the clock stand that ran before, the promised dates hold; should it
    make the clock run that stood, the computed ones do.

    Args:
        promised: The dates as they were told.
        recomputed: The dates of the same events under another holiday table or rule revision.
    """
    return replace(
        promised if recomputed.suspended else recomputed,
        rule_version=recomputed.rule_version,
        holidays_version=recomputed.holidays_version,
        due_on=_earlier(promised.due_on, recomputed.due_on),
        due_at=_earlier(promised.due_at, recomputed.due_at),
        nominal_on=_earlier(promised.nominal_on, recomputed.nominal_on),
        safe_due_on=_earlier(promised.safe_due_on, recomputed.safe_due_on),
        operational_target_on=_earlier(promised.operational_target_on, recomputed.operational_target_on),
        extension_notice_due_on=_earlier(promised.extension_notice_due_on, recomputed.extension_notice_due_on),
        no_pause_due_on=_earlier(promised.no_pause_due_on, recomputed.no_pause_due_on),
    )


def _earlier(promised: D | None, recomputed: D | None) -> D | None:
    if promised is None or recomputed is None:
        return recomputed if promised is None else promised
    return min(promised, recomputed)
