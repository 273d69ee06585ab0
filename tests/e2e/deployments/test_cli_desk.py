"""The desk's commands: what each prints and changes, and one sentence and status 2 for what cannot be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deployments.cli.arguments import instant
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput
from rightsflow.store.case.case_tasks import NewTask
from tests.e2e.deployments.unchanged import nothing_changes
from tests.support.canary import Scanner
from tests.support.homes import ANNA, BY, CHECKER, MAIL, assert_one_sentence
from tests.support.identity import as_options

REASON = "140 hours of call recordings in three systems have to be screened for the voices of others."
DOUBT = "The request came from an address that was not used before."
SCANNER = Scanner(ANNA)


def events_of(home, case):
    return [event["kind"] for event in home.overview(case)["clock_events"]]


def letters_of(home, case):
    return {letter["template_id"]: letter["sent_by"] for letter in home.overview(case)["letters"]}


@pytest.mark.apart
def test_extend_writes_the_notice_and_its_going_out_moves_the_date(home):
    case = home.open()
    before = home.overview(case)
    said = home.run("extend", case.lower(), "--reason", REASON, *BY, "--json")
    assert (said.status, said.err) == (0, "")
    assert said.document["case"] == case
    assert (said.document["letter"], said.document["sent"]) == ("L6", False)
    assert said.document["extension_notice_due_date"] == before["notice_due_on"]
    assert before["notice_due_on"] >= said.document["send_by"]
    between = home.overview(case)
    assert (between["due_on"], between["extended"]) == (before["due_on"], False)
    done = home.run("letter", "mark-sent", case, "--letter", "L6", *BY, "--json").document
    assert done["case"] == case
    assert "The period is extended" in done["done"]
    after = home.overview(case)
    assert (after["due_on"], after["extended"]) == (said.document["extended_until"], True)
    assert "The period is extended" in home.run("show", case).out


@pytest.mark.apart
def test_to_send_lists_what_is_written_until_it_is_noted_as_sent(home):
    """A letter in the outbox was nowhere listed but on its own case's sheet."""
    case = home.open()
    (line,) = home.run("letter", "list", "--json").document
    overview = home.overview(case)
    assert (line["case_id"], line["letter"], line["due_on"]) == (case, "L1", overview["due_on"])
    assert case in home.run("letter", "list").out
    home.run("letter", "mark-sent", case, "--letter", "L1", *BY)
    assert home.run("letter", "list", "--json").document == []
    assert "No letter waits" in home.run("letter", "list").out


def test_extend_tells_people_what_has_to_happen(home):
    said = home.run("extend", home.open(), "--reason", REASON, *BY)
    assert said.out.startswith("The notice (letter L6) is in the outbox. It has to go out by ")


@pytest.mark.apart
def test_ask_sent_identity_are_a_suspension(home):
    case = home.open()
    assert "letter L2" in home.run("letter", "ask", case, "--doubt", DOUBT, *BY).out
    assert home.overview(case)["suspended_since"] is None
    now = datetime.now(UTC)
    assert (
        "The clock is suspended"
        in home.run("letter", "mark-sent", case, "--letter", "l2", *BY, "--json").document["done"]
    )
    overview = home.overview(case)
    assert datetime.fromisoformat(overview["suspended_since"]) >= now
    assert "The clock has been suspended since" in home.run("show", case).out
    assert home.run("identity", case, *as_options(), *BY).status == 0
    assert events_of(home, case) == ["identity_requested_at", "identity_confirmed_at"]
    assert home.overview(case)["suspended_since"] is None


@pytest.mark.apart
def test_a_proof_may_have_arrived_before_it_was_checked_but_not_before_the_question(home):
    case = home.open()
    home.run("letter", "ask", case, "--doubt", DOUBT, *BY)
    home.run("letter", "mark-sent", case, "--letter", "L2", *BY)
    asked_at = home.overview(case)["clock_events"][0]["at"]
    early = (datetime.fromisoformat(asked_at) - timedelta(minutes=1)).isoformat()
    with nothing_changes(home):
        said = home.run("identity", case, *as_options(), *BY, "--arrived", early)
    assert_one_sentence(said, 2)
    assert home.run("identity", case, *as_options(), *BY, "--arrived", asked_at).status == 0
    assert home.overview(case)["clock_events"][1]["at"] == asked_at


@pytest.mark.apart
def test_a_clarification_is_asked_sent_and_answered(home):
    case = home.open()
    assert home.run("identity", case, *as_options(), *BY).status == 0
    said = home.run("letter", "ask", case, "--areas", "tickets, calls", *BY, "--json").document
    assert "does not stop the clock" in said["done"]
    assert home.run("letter", "mark-sent", case, "--letter", "L3", *BY).status == 0
    assert home.run("case", "clarify", case, *BY).out.startswith("Noted; the case is due ")
    assert events_of(home, case) == ["clarification_requested_at", "clarification_received_at"]


@pytest.mark.apart
def test_sent_takes_the_time_at_which_it_was(home):
    case = home.open()
    written_at = home.overview(case)["letters"][0]["written_at"]
    assert home.run("letter", "mark-sent", case, "--letter", "L1", "--at", written_at, "--by", "Ida").status == 0
    (letter,) = home.overview(case)["letters"]
    assert (letter["sent_at"], letter["sent_by"]) == (written_at, "Ida")


@pytest.mark.apart
def test_a_day_alone_is_a_time(home):
    case = home.open()
    home.run("letter", "ask", case, "--doubt", DOUBT, *BY)
    with home.file(case) as file:
        day = file.received_at.astimezone(ZoneInfo("Europe/Berlin")).date()
    before = datetime.now(UTC)
    assert home.run("letter", "mark-sent", case, "--letter", "L2", "--at", day, *BY).status == 0
    assert home.run("identity", case, *as_options(), "--arrived", f" {day} ", *BY).status == 0
    asked, proven = (datetime.fromisoformat(event["at"]) for event in home.overview(case)["clock_events"])
    assert before <= asked <= proven <= datetime.now(UTC)


def test_of_an_earlier_day_the_last_second_counts(home):
    with pytest.raises(BadInput, match=r"--at is no instant; .*, or the day alone, like 2026-03-05"):
        instant("soon", "--at")
    assert instant("2026-03-05", "--at").isoformat() == "2026-03-05T23:59:59+01:00"
    assert instant("2999-03-05", "--at").isoformat() == "2999-03-05T23:59:59+01:00"
    assert instant("2026-03-05T10:00", "--at").isoformat() == "2026-03-05T10:00:00+01:00"
    assert instant("  ", "--at") is None


@pytest.mark.apart
def test_a_case_changes_hands_and_the_record_says_so(home):
    case = home.open()
    said = home.run("case", "hand-over", case, "--to", "DPO", "--reason", "Parental leave.", *BY, "--json").document
    assert f"answers for {case} from now on." in said["done"]
    overview = home.overview(case)
    assert overview["owner"] == "dpo"
    assert [(one["from_owner"], one["to_owner"], one["by"]) for one in overview["handovers"]] == [
        ("case_owner", "dpo", "Dana Decider")
    ]
    shown = home.run("show", case).out
    assert "Changes of owner" in shown
    assert "Parental leave." not in shown
    assert home.run("show", case, "--reveal", "--json").document["revealed"]["handovers"] == ["Parental leave."]
    assert "reason for the change of owner: Parental leave." in home.run("show", case, "--reveal").out


@pytest.mark.apart
def test_absences_are_recorded_listed_and_taken_back(home):
    assert "No person is absent." in home.run("people", "absences").out
    today = datetime.now(UTC).date()
    days = ("--from", today.isoformat(), "--until", (today + timedelta(days=9)).isoformat())
    said = home.run("people", "absence", " Case_Owner ", "--deputy", "DPO", *days, *BY, "--json")
    assert re.match(r"Absence 1: .+ stands in for .+ from ", said.document["done"])
    (listed,) = home.run("people", "absences", "--json").document
    assert (listed["number"], listed["absence"]["person"], listed["absence"]["deputy"]) == (1, "case_owner", "dpo")
    assert listed["recorded_by"] == "Dana Decider"
    assert str(today) in home.run("people", "absences").out
    with nothing_changes(home):
        again = home.run("people", "absence", "case_owner", "--deputy", "dpo", *days, *BY)
    assert_one_sentence(again, 2)
    assert "recorded already, as number 1" in again.err
    assert "stands in" in home.run("list").out or home.open()
    assert home.run("people", "absence", "--withdraw", "1", "--by", "Ida").out == "The absence 1 is taken back.\n"
    assert home.run("people", "absences", "--json").document == []


def test_alerts_are_acknowledged_only_where_there_are_some(home):
    case = home.open()
    with nothing_changes(home):
        said = home.run("case", "acknowledge", case, *BY)
    assert_one_sentence(said, 2)
    assert "no alert that waits to be acknowledged" in said.err


@pytest.mark.apart
def test_nothing_typed_is_kept_in_clear(home):
    case = home.open()
    name = ANNA["name"]
    assert home.run("letter", "ask", case, "--doubt", f"We wonder whether {name} wrote this.", *BY).status == 0
    assert home.run("extend", case, "--reason", f"{REASON} It concerns {name}.", *BY).status == 0
    assert home.run("case", "hand-over", case, "--to", "dpo", "--reason", f"{name} is a friend.", *BY).status == 0
    assert not SCANNER.scan_database(home.state / "cases.db")
    assert not SCANNER.scan(home.run("show", case).out.encode(), "show")


@pytest.fixture(scope="module")
def desk(prepared):
    """The prepared home, whose first case has an extension that went out and a question that did not."""
    home, cases = prepared
    assert home.run("letter", "ask", cases["case"], "--doubt", DOUBT, *BY).status == 0
    assert home.run("extend", cases["case"], "--reason", REASON, *BY).status == 0
    assert home.run("letter", "mark-sent", cases["case"], "--letter", "L6", *BY).status == 0
    closed = home.open(email="withdrawn@example.org")
    assert home.run("case", "withdraw", closed, "--reason", "called", *BY).status == 0
    return home, cases | {"closed": closed}


CASE, WAITING, REFUSED, CLOSED = "{case}", "{waiting}", "{refused}", "{closed}"
AWAY = ("people", "absence", "case_owner", "--deputy", "dpo")
TO = ("--from", "2999-12-21", "--until", "2999-12-31")
BAD = {
    "extension without a reason": (("extend", CASE, *BY), "The option --reason is missing"),
    "extension for an empty reason": (
        ("extend", WAITING, "--reason", " ", *BY),
        "No reason is given; name what makes",
    ),
    "extension for workload": (
        ("extend", WAITING, "--reason", "Because of our workload and the holidays.", *BY),
        "controller's own situation",
    ),
    "extension for the words of the law": (
        ("extend", WAITING, "--reason", "The request is complex and extensive.", *BY),
        "too general",
    ),
    "extension a second time": (
        ("extend", CASE, "--reason", REASON, *BY),
        "can be extended once only (Art. 12(3) GDPR)",
    ),
    "extension of a closed case": (
        ("extend", REFUSED, "--reason", REASON, *BY),
        "is closed; there is nothing to extend",
    ),
    "extension of no case": (
        ("extend", "DSR-2026-AAAAAA", "--reason", REASON, *BY),
        "There is no case DSR-2026-AAAAAA",
    ),
    "extension by nobody": (("extend", WAITING, "--reason", REASON, "--by", " "), "Your name is missing; fill"),
    "question of nothing": (("letter", "ask", CASE, *BY), "The question is missing; give either --doubt"),
    "question of both": (("letter", "ask", CASE, "--doubt", DOUBT, "--areas", "tickets", *BY), "give either --doubt"),
    "question a second time": (("letter", "ask", CASE, "--doubt", DOUBT, *BY), "was asked already"),
    "question after the decision": (
        ("letter", "ask", WAITING, "--doubt", DOUBT, *BY),
        "Identity was decided already; look at",
    ),
    "question that confirms": (("letter", "ask", "{approved}", "--areas", ",,", *BY), "name at least one area"),
    "clarified without a question": (("case", "clarify", CASE, *BY), "The person was not asked what they mean, or"),
    "clarified at no time": (
        ("case", "clarify", CASE, "--at", "Quillfeather", *BY),
        "--at is no instant; write it like",
    ),
    "identity proven at no time": (
        ("identity", CASE, *as_options(), "--arrived", "Quillfeather", *BY),
        "--arrived is no instant; write it like",
    ),
    "sent in the future": (
        ("letter", "mark-sent", CASE, "--letter", "L2", "--at", "2999-01-01T10:00", *BY),
        "in the future; check",
    ),
    "sent before it was written": (
        ("letter", "mark-sent", CASE, "--letter", "L2", "--at", "2026-01-01T10:00+01:00", *BY),
        "cannot have gone out before it was written",
    ),
    "sent before the calendar": (
        ("letter", "mark-sent", CASE, "--letter", "L2", "--at", "0001-01-01T00:00+14:00", *BY),
        "cannot have gone out before it was written",
    ),
    "sent at no time": (
        ("letter", "mark-sent", CASE, "--letter", "L2", "--at", "Quillfeather", *BY),
        "--at is no instant",
    ),
    "sent twice": (("letter", "mark-sent", CASE, "--letter", "L6", *BY), "The letter L6 went out already; look at"),
    "sent no letter": (
        ("letter", "mark-sent", CASE, "--letter", "L99", *BY),
        "There is no letter L99 in this case; its letters are:",
    ),
    "sent no letter's name": (
        ("letter", "mark-sent", CASE, "--letter", " ", *BY),
        "The letter that went out is missing; the letters of this case are: L1, L2, L6.",
    ),
    "sent on a future day": (
        ("letter", "mark-sent", CASE, "--letter", "L2", "--at", "2999-01-01", *BY),
        "in the future; check",
    ),
    "sent what must not go out": (
        ("letter", "mark-sent", WAITING, "--letter", "L2", *BY),
        "Identity was decided already; the question",
    ),
    "handed over to nobody": (
        ("case", "hand-over", CASE, "--to", "Quillfeather", "--reason", "x", *BY),
        "That key is not known",
    ),
    "handed over for nothing": (
        ("case", "hand-over", CASE, "--to", "dpo", "--reason", " ", *BY),
        "for handing the case over",
    ),
    "handed over to its owner": (
        ("case", "hand-over", CASE, "--to", "case_owner", "--reason", "x", *BY),
        "theirs already",
    ),
    "handed over when closed": (
        ("case", "hand-over", CLOSED, "--to", "dpo", "--reason", "x", *BY),
        "is closed; nothing of it",
    ),
    "absence with an end before its start": (
        (*AWAY, "--from", "2999-12-31", "--until", "2999-12-21", *BY),
        "The absence ends before it begins; check the two days.",
    ),
    "absence that is over": (
        (*AWAY, "--from", "2026-01-01", "--until", "2026-01-02", *BY),
        "The absence is over already",
    ),
    "absence with oneself": (
        ("people", "absence", "dpo", "--deputy", "DPO", *TO, *BY),
        "No person can stand in for themself",
    ),
    "absence of nobody": (
        ("people", "absence", "Quillfeather", "--deputy", "dpo", *TO, *BY),
        "That key is not known; use one of",
    ),
    "absence without a person": (
        ("people", "absence", "--deputy", "dpo", *TO, *BY),
        "The argument PERSON is missing; see `rightsflow people absence --help`.",
    ),
    "absence without a deputy": (("people", "absence", "dpo", *TO, *BY), "The option --deputy is missing; see"),
    "absence without days": ((*AWAY, *BY), "The option --from is missing; see"),
    "absence without an end": ((*AWAY, *TO[:2], *BY), "The option --until is missing; see"),
    "absence from no day": (
        (*AWAY, "--from", "Xmas", *TO[2:], *BY),
        "--from is not a date; use YYYY-MM-DD, such as 2026-12-21.",
    ),
    "absence taken back by nobody": (("people", "absence", "--withdraw", "77"), "Your name is missing; fill it in."),
    "absence until no day": (
        (*AWAY, "--from", "2999-12-21", "--until", "Xmas", *BY),
        "--until is not a date; use YYYY-MM-DD",
    ),
    "absence by nobody": ((*AWAY, *TO), "Your name is missing; fill it in."),
    "absence that is none": (
        ("people", "absence", "--withdraw", "77", "--by", "Ida"),
        "There is no absence 77; `rightsflow people absences` lists them.",
    ),
    "absence of no number": (("people", "absence", "--withdraw", str(2**40)), "The value of --withdraw is not valid"),
    "acknowledged by nobody": (("case", "acknowledge", CASE, "--by", ""), "Your name is missing; fill it in."),
    "acknowledged of no case": (("case", "acknowledge", "Quillfeather", *BY), "That is not a case id; give one like"),
}


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_is_refused_in_one_sentence_and_changes_nothing(desk, fault):
    """Each once: every second one where JSON is wanted."""
    home, cases = desk
    (arguments, sentence), as_json = BAD[fault], [*BAD].index(fault) % 2 == 1
    given = (*(text.format(**cases) for text in arguments), *(("--json",) if as_json else ()))
    with nothing_changes(home):
        said = home.run(*given)
    assert_one_sentence(said, 2)
    assert sentence in said.err


@pytest.mark.apart
def test_tasks_lists_what_is_left_to_do_by_hand_until_it_is_noted_as_done(home):
    """Before, what a letter left to a person stood in no list, and a closed case showed nothing to do."""
    case = home.open()
    assert "No task is open" in home.run("case", "tasks").out
    due_on = datetime.now(ZoneInfo("Europe/Berlin")).date() + timedelta(days=3)
    task = NewTask(kind=TaskKind.MANUAL, system="helpdesk", what="Ask the carrier.", records=2, due_on=due_on)
    later = replace(task, kind=TaskKind.ERASE, due_on=due_on + timedelta(days=30), kept_until=due_on)
    with home.file(case) as file:
        file.tasks.note([task, later], owner="case_owner")
    assert [line["number"] for line in home.run("case", "tasks", "--json").document] == [1, 2]
    (line,) = home.run("case", "tasks", "--due", "--json").document
    assert (line["case_id"], line["due_on"], line["owner"]) == (case, due_on.isoformat(), "case_owner")
    assert "Ask the carrier." in home.run("case", "tasks").out
    assert "Tasks by hand" in home.run("show", case).out
    done = home.run("case", "task-done", case, "1", *BY, "--json").document
    assert (done["case"], done["task"]) == (case, 1)
    assert home.run("case", "tasks", "--due", "--json").document == []
    assert_one_sentence(home.run("case", "task-done", case, "1", *BY), 2)
    assert_one_sentence(home.run("case", "task-done", case, "2", *BY), 2)
    assert_one_sentence(home.run("case", "task-done", case, "2", "--on", "tomorrow", *BY), 2)
    for number in ("1", "2", "9"):
        assert_one_sentence(home.run("case", "approve-task", case, number, *BY), 2)
    longer = ("--ground", "a claim", "--provision", "Art. 17(3)(e)", *BY)
    assert_one_sentence(home.run("case", "keep-longer", case, "2", "--until", "soon", *longer), 2)
    lifting = ("case", "lift-restriction", case, "--reason", "It is settled.", *BY)
    assert_one_sentence(home.run(*lifting, "--records", "first", "--on", "2050-12-31"), 2)
    assert_one_sentence(home.run(*lifting, "--records", "1", "--on", "2050-12-31"), 2)
    assert_one_sentence(home.run("case", "keep-longer", case, "1", "--until", "2050-12-31", *longer), 2)


@pytest.mark.apart
def test_a_legal_hold_from_its_placing_to_its_release(home):
    soon = (datetime.now(ZoneInfo("Europe/Berlin")).date() + timedelta(days=60)).isoformat()
    placed = home.run("hold", "add", *MAIL, "--matter", "A claim.", "--review", soon, *BY, "--json").document
    assert placed["hold"] == 1
    (line,) = home.run("hold", "list", "--json").document
    assert line == {
        "hold": 1,
        "scope": "one person",
        "owner": "case_owner",
        "review_on": soon,
        "status": "in force, not approved",
    }
    assert_one_sentence(home.run("hold", "approve", "1", *BY), 2)
    assert home.run("hold", "approve", "1", "--by", CHECKER).status == 0
    assert home.run("hold", "review", "1", "--next", soon, *BY).status == 0
    assert "one person" in home.run("hold", "list").out
    assert_one_sentence(home.run("hold", "review", "1", "--next", "soon", *BY), 2)
    assert_one_sentence(home.run("hold", "release", "1", "--reason", " ", "--by", CHECKER), 2)
    assert home.run("hold", "release", "1", "--reason", "Settled.", "--by", CHECKER).status == 0
    shared = ("hold", "add", "--phone", "+49 30 23125 001", "--matter", "A claim.", "--review", soon, *BY)
    refused = home.run(*shared)
    assert_one_sentence(refused, 2)
    assert "0 cases at present" in refused.err
    assert home.run(*shared, "--covers", "0", "--json").document["hold"] == 2
    assert home.run("hold", "release", "2", "--reason", "Settled.", "--by", CHECKER).status == 0
    assert "No legal hold" in home.run("hold", "list").out


def test_the_follow_up_can_be_run_without_a_server(home):
    home.open("erasure")
    assert home.run("service", "follow-up").out == "Nothing was due.\n"
    assert home.run("service", "follow-up", "--json").document == dict.fromkeys(
        ("cases", "ended", "asked", "back", "marked", "lifted", "failed"), 0
    )
