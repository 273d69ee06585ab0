"""An event counts by its day on the controller's clock, and by nothing else of its instant."""

from itertools import cycle

from rightsflow.domain.deadlines import due_dates
from tests.unit.domain.deadlines.clocks import british, explained, german

COURSES = {
    "proof of identity": (british, {"identity_requested_at": "2026-06-10", "identity_confirmed_at": "2026-06-15"}),
    "proof of identity in the Union": (
        german,
        {"identity_requested_at": "2026-06-04", "identity_confirmed_at": "2026-06-15"},
    ),
    "proof before the month": (british, {"identity_requested_at": "2026-06-02", "identity_confirmed_at": "2026-06-20"}),
    "clarification": (british, {"clarification_requested_at": "2026-06-10", "clarification_received_at": "2026-06-15"}),
    "no answer": (german, {"clarification_requested_at": "2026-06-03"}),
    "extension in time": (german, {"extension_notice_sent_at": "2026-07-01"}),
    "extension a day late": (german, {"extension_notice_sent_at": "2026-07-02"}),
    "extension of a suspended clock": (
        british,
        {
            "identity_requested_at": "2026-06-10",
            "identity_confirmed_at": "2026-06-15",
            "extension_notice_sent_at": "2026-07-01",
        },
    ),
    "late extension of a suspended clock": (
        british,
        {
            "identity_requested_at": "2026-06-10",
            "identity_confirmed_at": "2026-06-15",
            "extension_notice_sent_at": "2026-07-02",
        },
    ),
}


def test_any_time_of_a_day_counts_as_that_day():
    """Found by mutants that took the machine's zone for the controller's, which in summer is another day at night."""
    for times in (["00:30"], ["23:30"], ["00:30", "23:30"], ["23:30", "00:30"]):
        for make, days in COURSES.values():
            noon = make("2026-06-01", **days)
            other = make(
                "2026-06-01", **{name: f"{day}T{time}" for (name, day), time in zip(days.items(), cycle(times))}
            )
            assert due_dates(other) == due_dates(noon)
            assert explained(other) == explained(noon)
