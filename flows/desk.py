"""The compliance team's acts on a case besides decisions at gates: each a form of its own in the UI."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from flows.forms import SendableLetter, SentBy, StopWord
from flows.scrubbing import carry_out, form
from flows.showing import show_case
from flows.suspended import resume_all
from rightsflow.app import current_app
from rightsflow.cases.deadlines.acknowledging import acknowledge
from rightsflow.cases.deadlines.extension import extend
from rightsflow.cases.evidence_hold import hold_evidence, release_evidence
from rightsflow.cases.letters.questions import ask_clarification, record_clarified_on
from rightsflow.cases.people import hand_over, record_absence
from rightsflow.cases.rectification.deciding_items import decide_corrections
from rightsflow.cases.sending.sent import record_sent, sent_on
from rightsflow.cases.stopping import stop_case
from rightsflow.cases.withdrawal import withdraw
from rightsflow.domain.case.stopping import read_stop_reason
from rightsflow.domain.days import read_day
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Absence, key_in
from rightsflow.domain.vocabulary.letter_ids import letter_named
from rightsflow.domain.vocabulary.states import read_case_id
from tasks.prefect_io.kinds import AnyState

_OF_ABSENCE = "The first or the last day of the absence"


@form("acknowledge-alert", "acknowledge alerts")
def acknowledge_alert(case_id: str, your_name: str) -> AnyState:
    """Take note of a case's alerts: they are not sent again. The next rung of the ladder is sent all the same.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        your_name: Who takes note.
    """
    return _on_case(case_id, "Acknowledged", lambda: acknowledge(current_app(), case_id, by=your_name))


@form("extend-period", "extend a period")
def extend_period(case_id: str, reason: str, your_name: str) -> AnyState:
    """Extend the period by two months (Art. 12(3) GDPR). Only once, only inside the first month, only for a reason.

    The notice to the person is written at once. The date moves when it has gone out in time.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        reason: The concrete reason in the complexity or number of the requests; it is quoted to the person. For
            example: 140 hours of call recordings in three systems have to be screened for the voices of others.
        your_name: Who decides.
    """
    return _on_case(
        case_id, "Notice written", lambda: extend(current_app(), case_id, reason=reason, by=your_name).sentence
    )


@form("ask-what-is-meant", "ask what is meant")
def ask_what_is_meant(case_id: str, areas: str, your_name: str) -> AnyState:
    """Ask the person behind an access request which data they mean. In the United Kingdom this suspends the clock.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        areas: What they can choose from, separated by commas, for example: tickets, payments, calls.
        your_name: Who asks.
    """
    return _on_case(
        case_id, "Asked", lambda: ask_clarification(current_app(), case_id, areas=areas.split(","), by=your_name)
    )


@form("record-clarified", "record the person's answer")
def record_answer_of_subject(case_id: str, arrived_on: date, your_name: str) -> AnyState:
    """Record that the person has said what they mean; a suspended clock runs on.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        arrived_on: The day on which the answer arrived, read or unread. The clock runs on from it.
        your_name: Who records it.
    """
    return _on_case(
        case_id, "Recorded", lambda: record_clarified_on(current_app(), case_id, str(arrived_on), by=your_name)
    )


@form("record-sent", "record that a letter went out")
def record_sent_letter(
    case_id: str,
    letter: SendableLetter,
    your_name: str,
    sent_on: date | None = None,
    channel: SentBy = SentBy.NONE,
    proof: str = "",
    number: int = 1,
) -> AnyState:
    """Record that a letter of the outbox has gone out. For a question or a notice this moves the clock.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        letter: Which letter went out.
        your_name: Who sent it.
        sent_on: The day on which it was sent. Empty: today.
        channel: How it was sent. May stay empty.
        proof: The reference of the proof, such as a tracking number; it is kept encrypted. May stay empty.
        number: Which of the case's letters of this kind, for example 2 for the second notice that a restriction is
            lifted (L15.2). Of most there is one.
    """
    return _on_case(case_id, "Recorded", lambda: _sent(case_id, (letter, number), your_name, sent_on, (channel, proof)))


def _sent(case_id: str, named: tuple[object, object], by: str, on: object, how: tuple[object, object]) -> str:
    letter = letter_named(*map(str, named))
    at = sent_on(read_day(str(on)[:10], "The day on which it was sent"), current_app()) if on else None
    channel, proof = map(str, how)
    return record_sent(current_app(), case_id, letter, at=at, by=by, how=delivery(channel, proof))


@form("hand-over", "hand over a case")
def hand_over_case(case_id: str, to: str, reason: str, your_name: str) -> AnyState:
    """Let another person answer for a case. Their alerts go to them from now on.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        to: Who answers for it from now on, as the configuration names them.
        reason: Why the case changes hands.
        your_name: Who hands it over.
    """
    return _on_case(
        case_id, "Handed over", lambda: hand_over(current_app(), case_id, key_in(str(to)), by=your_name, reason=reason)
    )


@form("withdraw-request", "withdraw a request")
def withdraw_request(case_id: str, your_name: str, reason: str = "") -> AnyState:
    """Record that the person has withdrawn the request: the case is closed and nothing more is done on it.

    Possible until an erasure has been approved: what is erased cannot be brought back. A letter (L18) tells the person.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        your_name: Who records it.
        reason: How the person said so, for example: by telephone, since the invoice has been found. May stay empty.
    """
    return _on_case(case_id, "Withdrawn", lambda: _withdraw(case_id, by=your_name, reason=reason))


@form("stop-case", "stop a case that was opened in error or twice")
def stop_case_of(case_id: str, why: StopWord, how_known: str, your_name: str, duplicate_of: str = "") -> AnyState:
    """Stop a case without an answer: nothing more is done on it, and the case that it repeats answers the request.

    Refused where the person is owed an answer. Who was written to is told by a letter (L27).

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        why: Whether it was opened in error, or repeats another case of the same person.
        how_known: How that is known; kept encrypted.
        your_name: Who decides; not who opened the case, once a letter went out in it.
        duplicate_of: The case that answers the request; for a duplicate alone.
    """

    def stop() -> str:
        reason = read_stop_reason(str(why))
        done = stop_case(current_app(), case_id, reason, how_known, by=your_name, duplicate_of=duplicate_of)
        _resume(case_id)
        if duplicate_of.strip():
            show_case(read_case_id(duplicate_of))
        return done

    return _on_case(case_id, "Stopped", stop)


def _withdraw(case_id: str, *, by: str, reason: str) -> str:
    done = withdraw(current_app(), case_id, by=by, reason=reason)
    _resume(case_id)
    return done


def _resume(case_id: str) -> None:
    # It has ended, whether or not its run can be told: nothing it does from here on gets anywhere.
    with suppress(Exception):
        resume_all(read_case_id(case_id))


@form("hold-evidence", "hold the evidence of a case")
def hold_evidence_of(
    case_id: str, reason: str, your_name: str, until: date | None = None, lift: bool = False
) -> AnyState:
    """Keep the evidence of a case while a complaint or a claim is pending (Art. 17(3)(e) GDPR), or lift that again.

    While it is held, the case is not purged, even if its evidence period is over.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        reason: Which complaint or claim is pending, or how it ended. For example: complaint to the authority of 4 May.
        your_name: Who decides.
        until: The last day on which it is held. Empty: until a person lifts that.
        lift: Lift the hold; the evidence goes when its period is over.
    """
    return _on_case(
        case_id, "Released" if lift is True else "Held", lambda: _hold(case_id, reason, your_name, until, lift)
    )


def _hold(case_id: str, reason: str, by: str, until: object, lift: object) -> str:
    if lift is not True:
        last = read_day(str(until)[:10], "The last day of the hold") if until else None
        return hold_evidence(current_app(), case_id, last, by=by, reason=reason)
    if until:
        raise BadInput("A hold that is lifted has no last day; leave that field empty, or do not lift the hold.")
    return release_evidence(current_app(), case_id, by=by, reason=reason)


@form("decide-corrections", "decide on corrections")
def decide_on_corrections(case_id: str, decisions: str, your_name: str) -> AnyState:
    """Decide on the items that a person wants corrected (Art. 16 GDPR); the approval of the plan comes after that.

    Args:
        case_id: The case, for example DSR-2026-7K3M9Q.
        decisions: A line for each item or several: accept, refuse with its reason for the person, or complete with a
            supplementary statement. For example: 1-2: accept. Or: 3: refuse | the invoice of 4 May shows this name.
            Or: 4: complete | the person states that the call was not hers.
        your_name: Who decides.
    """
    return _on_case(
        case_id,
        "Decided",
        lambda: decide_corrections(current_app(), case_id, str(decisions).splitlines(), by=your_name),
    )


@form("record-absence", "record an absence")
def record_absence_of(person: str, deputy: str, first_on: date, last_on: date, your_name: str) -> AnyState:
    """Record that a person is absent and who stands in: the deputy gets every alert of these days.

    Args:
        person: Who is absent, as the configuration names them.
        deputy: Who stands in.
        first_on: The first day of the absence.
        last_on: Its last day, which counts.
        your_name: Who records it.
    """
    return carry_out(
        "Recorded",
        lambda: record_absence(
            current_app(),
            Absence(
                person=key_in(str(person)),
                deputy=key_in(str(deputy)),
                first_on=read_day(str(first_on)[:10], _OF_ABSENCE),
                last_on=read_day(str(last_on)[:10], _OF_ABSENCE),
            ),
            by=your_name,
        ),
    )


def _on_case(case_id: str, name: str, act: Callable[[], str]) -> AnyState:
    """Carry out what a form asks for, and show on the case's sheet and on the board what came of it."""

    def act_and_show() -> str:
        done = act()
        # It is done, whether or not that can be shown; the case's run and the watch do that as well.
        with suppress(Exception):
            show_case(read_case_id(case_id))
        return done

    return carry_out(name, act_and_show)
