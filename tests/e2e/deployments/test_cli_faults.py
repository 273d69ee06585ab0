"""The command line used wrongly: one sentence, exit status 2, and nothing is changed."""

from __future__ import annotations

import io
import json

import pytest

from deployments.cli.commands.dates import write_answers
from rightsflow.domain.errors import BadInput
from tests.e2e.deployments.unchanged import nothing_changes
from tests.support.homes import ANNA, BY, MAIL, OPEN, OPENER, assert_one_sentence
from tests.support.identity import as_options

CASE, WAITING, APPROVED, REFUSED = "{case}", "{waiting}", "{approved}", "{refused}"

R6 = ("--code", "R6", "--detail", "Provision: § 29 BDSG")
BAD = {
    "right is unknown": (
        ("open", "--right", "oblivion", *MAIL),
        "The right is not known; use one of access, erasure, ",
    ),
    "right is missing": (("open", *MAIL), "The option --right is missing; see `rightsflow open --help`."),
    "e-mail without an @": (
        (*OPEN, "--email", "anna.at.example.com"),
        "The e-mail address is not valid; give one",
    ),
    "e-mail without a domain": ((*OPEN, "--email", "quill@"), "The e-mail address is not valid"),
    "phone of letters": ((*OPEN, "--phone", "0000-not-a-phone"), "The phone number is not valid; give it with its"),
    "phone too long": ((*OPEN, "--phone", "+49 40 1234567890123456"), "The phone number is not valid"),
    "customer id with spaces": ((*OPEN, "--customer-id", "Anna Quillfeather"), "The id is not valid; give 1 to 128"),
    "received in the future": ((*OPEN, *MAIL, "--received", "2999-01-01"), "The date of receipt lies in the future"),
    "received tomorrow's hour": ((*OPEN, *MAIL, "--received", "2999-01-01T10:00Z"), "lies in the future; give the day"),
    "received at a time of no zone": (
        (*OPEN, *MAIL, "--received", "2026-03-05T10:00"),
        "has no time zone; give it like",
    ),
    "received before the GDPR": (
        (*OPEN, *MAIL, "--received", "2018-05-24"),
        "The date of receipt lies before 25 May 2018, when the GDPR began to apply; check its year.",
    ),
    "received no date": ((*OPEN, *MAIL, "--received", "5 March"), "The date of receipt is not valid; give it like"),
    "received no day": ((*OPEN, *MAIL, "--received", "2026-02-30"), "The date of receipt is not valid; give it like"),
    "no identifier": (OPEN, "No identifier is given; give at least an e-mail address"),
    "a name only": ((*OPEN, "--name", ANNA["name"]), "No identifier is given; give at least an e-mail address"),
    "nobody opens": ((*OPEN, *MAIL, "--by", " "), "Your name is missing; fill in"),
    "channel is unknown": ((*OPEN, *MAIL, "--channel", "pigeon"), "The channel is not known; use one of"),
    "country is a name": ((*OPEN, *MAIL, "--country", "Germany"), "The country is not valid; give its two-letter code"),
    "option is unknown": ((*OPEN, "--emial", ANNA["email"]), "There is no option --emial here"),
    "value without its option": ((*OPEN, ANNA["email"]), "There is an option or an argument too many"),
    "option without its value": ((*OPEN, "--email"), "There is no option --email here, or it lacks its value"),
    "command is unknown": (("forget", ANNA["email"]), "There is no such command; see `rightsflow --help`."),
    "case is missing": (("show",), "The argument CASE is missing; see `rightsflow show --help`."),
    "case id is none": (("show", ANNA["email"]), "That is not a case id; give one like DSR-2026-7K3M9Q."),
    "case id of letters of no alphabet": (("show", "DSR-2026-ÄÖÜÄÖÜ"), "That is not a case id; give one like"),
    "case does not exist": (
        ("show", "DSR-2026-AAAAAA"),
        "There is no case DSR-2026-AAAAAA; `rightsflow list --all` shows",
    ),
    "run of no case": (("run", "DSR-2026-AAAAAA"), "There is no case DSR-2026-AAAAAA; `rightsflow list --all` shows"),
    "run of no case id": (("run", "Quillfeather"), "That is not a case id; give one like DSR-2026-7K3M9Q."),
    "decision on no case": (("decide", "DSR-2026-AAAAAA", "--approve", *BY), "There is no case DSR-2026-AAAAAA"),
    "identity of no case": (("identity", "DSR-2026-AAAAAA", *as_options(), *BY), "There is no case DSR-2026-AAAAAA"),
    "identity without a method": (("identity", CASE, *BY), "not confirmed without all facts of the check"),
    "identity by an empty method": (
        ("identity", CASE, *as_options(method=" "), *BY),
        "all facts of the check; say how the identity was checked.",
    ),
    "identity by nobody": (("identity", CASE, *as_options(), "--by", ""), "Your name is missing; fill in"),
    "identity twice": (
        ("identity", WAITING, *as_options(), *BY),
        "Identity was decided already, or {waiting} is closed",
    ),
    "decision of nothing": (
        ("decide", WAITING, *BY),
        "decision is missing; give one of --approve, --refuse",
    ),
    "decision of both": (
        ("decide", WAITING, "--approve", "--refuse", "x", *BY),
        "give one of --approve, --refuse",
    ),
    "refusal without a reason": (("decide", WAITING, "--refuse", " ", *BY), "give one of --approve, --refuse"),
    "refusal by no known code": (
        ("decide", WAITING, "--refuse", "likes zebra-striped kettles", "--code", "R99", *BY),
        "The code is not valid; give one of R1, R2",
    ),
    "approval with a code": (("decide", WAITING, "--approve", "--code", "R2", *BY), "The code is not valid; give one"),
    "decision by nobody": (("decide", WAITING, "--approve"), "The option --by is missing"),
    "decision by a blank": (
        ("decide", WAITING, "--approve", "--by", " "),
        "Your name is missing; fill",
    ),
    "decision by the opener": (("decide", WAITING, "--approve", "--by", OPENER), "another person has to (four eyes)."),
    "the opener in other letters": (("decide", WAITING, "--approve", "--by", "OLGA  opener"), "(four eyes)."),
    "refusal by the opener": (("decide", WAITING, "--refuse", "x", *R6, "--by", OPENER), "(four eyes)."),
    "refusal without a code": (("decide", WAITING, "--refuse", "x", *BY), "reason code of the refusal is missing"),
    "refusal without its details": (
        ("decide", WAITING, "--refuse", "x", *R6[:2], *BY),
        "has to say besides: Provision.",
    ),
    "refusal with an unreadable detail": (
        ("decide", WAITING, "--refuse", "x", "--detail", "zebra", *BY),
        "not readable",
    ),
    "decision twice": (("decide", APPROVED, "--approve", *BY), "The approval gate of this case was decided already"),
    "refusal after approval": (("decide", APPROVED, "--refuse", "x", *BY), "gate of this case was decided already"),
    "approval too early": (
        ("decide", CASE, "--approve", *BY),
        "nothing to decide on yet: the case is received",
    ),
    "approval of what was refused": (("decide", REFUSED, "--approve", *BY), "A case that is refused does not allow"),
    "identity of what was refused": (("identity", REFUSED, *as_options(), *BY), "or {refused} is closed"),
    "port of letters": (("up", "--port", "x"), "The value of --port is not valid; see `rightsflow up --help`."),
    "port out of range": (("up", "--port", "65536"), "The value of --port is not valid; see `rightsflow up --help`."),
    "dates of no file": (("due-dates", "nowhere.jsonl"), "The file cannot be read (No such file or directory); give"),
    "brake on no system": (
        ("systems", "pause", "--reason", "x", *BY),
        "The system is missing, or one too many; give one system, one case or --all.",
    ),
    "brake on one and all": (
        ("systems", "pause", "crm", "--all", "--reason", "x", *BY),
        "The system is missing, or one too many; give one system, one case or --all.",
    ),
    "brake on an unknown system": (
        ("systems", "pause", ANNA["name"], "--reason", "x", *BY),
        "no such system; use one of crm, a",
    ),
    "brake on an unknown case": (
        ("systems", "pause", "DSR-2026-ZZZZZZ", "--reason", "x", *BY),
        "There is no case DSR-2026-ZZZZZZ",
    ),
    "brake without a reason": (
        ("systems", "pause", "crm", "--reason", " ", *BY),
        "The reason is missing; give --reason.",
    ),
    "brake by nobody": (
        ("systems", "pause", "crm", "--reason", "x", "--by", " "),
        "Your name is missing; fill it in.",
    ),
    "release of no brake": (
        ("systems", "resume", "crm", "--reason", "x", *BY),
        "There is no brake on crm; `rightsflow",
    ),
    "argument too many": (("list", "everything"), "There is an option or an argument too many"),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_input_is_refused_in_one_sentence(prepared, fault):
    """Of each fault once: every second one where JSON is wanted."""
    home, cases = prepared
    (arguments, sentence), as_json = BAD[fault], [*BAD].index(fault) % 2 == 1
    if as_json and arguments[0] in {"up", "forget"}:
        arguments = ("--json", *arguments)
        sentence = "There is"
    elif as_json and arguments[-1] != "--email":
        arguments = (*arguments, "--json")
    with nothing_changes(home):
        said = home.run(*(text.format(**cases) for text in arguments))
    assert_one_sentence(said, 2)
    assert sentence.format(**cases) in said.err


@pytest.mark.parametrize("as_json", [False, True], ids=["for people", "as JSON"])
def test_a_second_request_opens_nothing_and_changes_nothing(prepared, as_json):
    home, cases = prepared
    with home.file(cases["case"]) as file:
        before = [entry.event for entry in file.ledger.entries()]
    known = home.run("list", "--all", "--json").document
    assert_one_sentence(said := home.run(*OPEN, *MAIL, *(["--json"] if as_json else [])), 2)
    assert f"has an open access case already, {cases['case']}, and nothing was changed" in said.err
    assert home.run("list", "--all", "--json").document == known
    with home.file(cases["case"]) as file:
        assert [entry.event for entry in file.ledger.entries()] == before


def lines(*rows):
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)


GOOD = {"received_at": "2026-03-05T10:00:00+01:00", "controller_tz": "Europe/Berlin", "country": "DE"}


def test_due_dates_names_the_line_that_is_wrong(home):
    file = home.folder / "rows.jsonl"
    for rows, sentence in (
        (lines(GOOD, "anna.at.example.com\n"), "Line 2: it is not a JSON object; give one object per line."),
        (lines(GOOD, "\n", "[1]\n"), "Line 3: it is not a JSON object; give one object per line."),
        (lines({}), "Line 1: received_at is missing; write it like"),
        (lines(GOOD, GOOD, GOOD | {"received_at": "Quillfeather"}), "Line 3: received_at is no ISO 8601 instant"),
        (lines(GOOD | {"controller_tz": "Quillfeather"}), "Line 1: controller_tz"),
        (lines(GOOD | {"regime": "Quillfeather"}), "Line 1: regime"),
        (lines(GOOD | {"period": "Quillfeather"}), "Line 1: "),
        (lines(GOOD, GOOD | {"received_at": "2026-03-05T10:00:00"}), "Line 2: received_at has no offset from UTC"),
        (
            lines(GOOD, GOOD | {"received_at": "2018-05-24T10:00:00+02:00"}),
            "Line 2: received_at lies before 2018-05-25, when gdpr",
        ),
        (lines(GOOD | {"country": "ZZ"}), "Line 1: country or subdivision is not in the holiday table"),
        (lines(GOOD | {"subdivision": "ZZ"}), "Line 1: country or subdivision is not in the holiday table"),
        (lines(GOOD | {"fee_requested_at": "2026-03-04T10:00:00Z"}), "Line 1: fee_requested_at lies before received"),
        (
            lines(
                GOOD
                | {"identity_requested_at": "2026-03-07T10:00:00Z", "identity_confirmed_at": "2026-03-06T10:00:00Z"}
            ),
            "Line 1: identity_confirmed_at lies before identity_requested_at",
        ),
    ):
        file.write_text(rows)
        said = home.run("due-dates", file)
        assert sentence in said.err
        assert_one_sentence(said, 2)


def test_due_dates_of_more_than_memory_holds_come_out_whole_or_not_at_all():
    written = io.StringIO()
    write_answers([json.dumps(GOOD)] * 50, written, held_in_memory=1000)
    assert [json.loads(answer)["due_date"] for answer in written.getvalue().splitlines()] == ["2026-04-07"] * 50
    nothing = io.StringIO()
    with pytest.raises(BadInput, match=r"^Line 51: "):
        write_answers([*[json.dumps(GOOD)] * 50, "{}"], nothing, held_in_memory=1000)
    assert nothing.getvalue() == ""


def test_due_dates_of_what_is_no_text(home):
    file = home.folder / "rows.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    assert_one_sentence(said := home.run("due-dates", file), 2)
    assert "is not text in UTF-8" in said.err
