"""The forms of an officer's acts."""

from __future__ import annotations

from flows.desk import (
    acknowledge_alert,
    ask_what_is_meant,
    extend_period,
    hand_over_case,
    hold_evidence_of,
    record_absence_of,
    record_answer_of_subject,
    record_sent_letter,
    stop_case_of,
    withdraw_request,
)

FORMS = {
    flow.name: flow
    for flow in (
        acknowledge_alert,
        ask_what_is_meant,
        extend_period,
        hand_over_case,
        hold_evidence_of,
        record_absence_of,
        record_answer_of_subject,
        record_sent_letter,
        stop_case_of,
        withdraw_request,
    )
}
