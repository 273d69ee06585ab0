"""The group ``letter``: write, edit and send letters to the person."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.act_end import print_act
from deployments.cli.arguments import ByOption, CaseArgument, instant
from deployments.cli.output import JsonFlag, console, print_done, print_json
from rightsflow.app import current_app
from rightsflow.cases.course.letters.further_letters import (
    TypedFee,
    announce_fee,
    ask_for_more,
    name_recipients,
    write_interim,
)
from rightsflow.cases.course.letters.questions import ask_clarification, ask_identity
from rightsflow.cases.course.sending.delivery import record_delivered, record_returned, record_sent
from rightsflow.cases.course.sending.text_review import confirm_text, edit_letter, read_text_to_confirm
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.work.access.package_review import open_letter
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput
from rightsflow.domain.letter_rules import PACKAGE_LETTER
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.states import read_case_id

LetterOption = Annotated[str, typer.Option(help="Which letter of the outbox, such as L9.")]
OnOption = Annotated[str, typer.Option("--on", help="On which day, like 2026-03-05; today by default.")]


def to_send(json_output: JsonFlag = False) -> None:
    """List the letters to be sent, the soonest due first.

    A case stays open until its answer is sent. Record the sending with `rightsflow letter mark-sent`.
    """
    current = current_app()
    letters, zone = current.store.work.letters_to_send(), current.settings.controller.zone
    if json_output:
        print_json(letters)
        return
    table = Table("case", "letter", "request by", "waits since", "target date", "due", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    for letter in letters:
        table.add_row(
            letter.case_id,
            letter.letter,
            letter.channel,
            f"{letter.written_at.astimezone(zone):%a %d %b %Y}",
            f"{letter.work_to_on:%a %d %b %Y}",
            f"{letter.due_on:%a %d %b %Y}",
        )
    console.print(table if letters else "No letter waits to be sent.")


def ask(
    case: CaseArgument,
    by: ByOption,
    doubt: Annotated[
        str, typer.Option(help="Ask for proof of identity: why there is doubt, in words for the person.")
    ] = "",
    areas: Annotated[
        str, typer.Option(help="Ask what is meant by an access request: what to choose from, separated by commas.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Ask the person for proof of identity or for clarification.

    The letter is written into the outbox. Once sent, a question for proof of identity suspends the clock; a question
    for clarification does so under the UK GDPR only.
    """
    if bool(doubt.strip()) == bool(areas.strip()):
        raise BadInput("The question is missing; give either --doubt, for identity, or --areas.")
    if doubt.strip():
        done = ask_identity(current_app(), case, doubt=doubt, by=by)
    else:
        done = ask_clarification(current_app(), case, areas=areas.split(","), by=by)
    print_act(case, done, json_output=json_output)


def read(
    case: CaseArgument,
    letter: Annotated[
        str, typer.Option(help="Which letter, such as L9; `package` for the one in a package before its release.")
    ],
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why you read it; encrypted.")] = "To send it.",
    json_output: JsonFlag = False,
) -> None:
    """Print a letter before it goes out, and record who read it.

    An answer is mailed, and a package is released, only once a person has read its letter as it is now: here, or on
    the page at the desk where it is sent or released.
    """
    case_id, name = read_case_id(case), letter.strip()
    if name == PACKAGE_LETTER:
        text = open_letter(current_app(), case_id, by=by)
    else:
        name = name.upper()
        text = read_text_to_confirm(current_app(), case_id, name, by=by, reason=reason).letter.body
    print_done(text, json_output=json_output, case=case_id, letter=name)


def edit(
    case: CaseArgument,
    letter: LetterOption,
    by: ByOption,
    salutation: Annotated[str, typer.Option(help="How the person is addressed, like: Dear Ms Example,")] = "",
    remark: Annotated[str, typer.Option(help="What is said before the closing, in your words.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Edit the salutation or the remark of a letter.

    The text that the law requires cannot be changed. An earlier salutation and remark are replaced; without either,
    the letter is as it was first written.
    """
    parts = FreeParts(salutation=salutation, remark=remark)
    done = edit_letter(current_app(), case, letter.strip().upper(), parts, by=by)
    print_act(case, done, json_output=json_output, letter=letter.strip().upper())


def confirm(
    case: CaseArgument,
    letter: LetterOption,
    by: ByOption,
    code: Annotated[str, typer.Option(help="The code shown with the text; without it the text is shown.")] = "",
    reason: Annotated[str, typer.Option(help="Why you read it; encrypted.")] = "To confirm its text.",
    json_output: JsonFlag = False,
) -> None:
    """Confirm the free text of a letter that another person edited.

    This is needed while records are retained. Without --code the letter, the retained records and the code are shown;
    with --code it is confirmed. That you read it is recorded.
    """
    name = letter.strip().upper()
    if code:
        done = confirm_text(current_app(), case, name, code=code, by=by)
        print_act(case, done, json_output=json_output, letter=name)
        return
    found = read_text_to_confirm(current_app(), case, name, by=by, reason=reason)
    kept = "\n".join(f"- {item}" for item in found.kept) or "- nothing"
    shown = f"{found.letter.body}\nWhat is kept:\n{kept}\n\nCode: {found.code}"
    print_done(shown, json_output=json_output, case=read_case_id(case), letter=name, code=found.code)


def sent(
    case: CaseArgument,
    letter: Annotated[str, typer.Option(help="Which letter of the outbox, such as L6.")],
    by: ByOption,
    at: Annotated[
        str, typer.Option(help="When it went out: 2026-03-05 or 2026-03-05T10:00+01:00; now by default.")
    ] = "",
    channel: Annotated[
        str, typer.Option(help="How it was sent: post, registered post, e-mail, portal or handed over.")
    ] = "",
    proof: Annotated[
        str, typer.Option(help="The reference of the proof, such as a tracking number; it is kept encrypted.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that a letter was sent.

    L2 then suspends the clock, L3 under the UK GDPR only, and L6 extends the period. The day counts in the
    controller's time zone: not in the future, and not before the letter was written.
    """
    if not letter.strip():
        written = (
            ", ".join(line.template_id for line in read_overview(current_app(), read_case_id(case)).letters) or "none"
        )
        raise BadInput(f"The letter that went out is missing; the letters of this case are: {written}.")
    how = delivery(channel, proof)
    done = record_sent(current_app(), case, letter, at=instant(at, "--at"), by=by, how=how)
    print_act(case, done, json_output=json_output)


def delivered(
    case: CaseArgument,
    letter: LetterOption,
    by: ByOption,
    on: OnOption = "",
    proof: Annotated[str, typer.Option(help="The reference of the proof, such as a return receipt; encrypted.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that a letter was delivered."""
    current = current_app()
    day = read_day(on, "The option --on") if on.strip() else current.today
    done = record_delivered(current, case, letter.strip().upper(), day, by=by, proof=proof)
    print_act(case, done, json_output=json_output, letter=letter.strip().upper())


def returned(
    case: CaseArgument, letter: LetterOption, by: ByOption, on: OnOption = "", json_output: JsonFlag = False
) -> None:
    """Record that a letter came back.

    By post or as a bounced mail. The letter counts as not sent and has to be sent again. An answer reopens the case;
    the effect of a question or a notice on the clock is undone, unless it was answered.
    """
    current = current_app()
    day = read_day(on, "The option --on") if on.strip() else current.today
    name = letter.strip().upper()
    print_act(case, record_returned(current, case, name, day, by=by), json_output=json_output, letter=name)


def interim(case: CaseArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Write the interim answer (L28) when a system fails.

    Use it if a system fails near the due date or after it. The letter states what is done, what is not, and why. The
    case stays open, and no date moves.
    """
    print_act(case, write_interim(current_app(), case, by=by), json_output=json_output)


def cannot_identify(case: CaseArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Ask for details to find the person's records (L4, Art. 11(2) GDPR).

    After the search only. The case stays open, and the clock runs on.
    """
    print_act(case, ask_for_more(current_app(), case, by=by), json_output=json_output)


def fee(
    case: CaseArgument,
    ground: Annotated[str, typer.Option(help="unfounded, excessive or further copy.")],
    amount: Annotated[str, typer.Option(help="How much, such as '12.50 EUR'.")],
    facts: Annotated[str, typer.Option(help="What shows the ground; it is quoted to the person.")],
    costs: Annotated[str, typer.Option(help="Which administrative costs it covers; quoted too.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Announce a fee (L5, Art. 12(5) GDPR).

    Nothing may be charged before. The person who opened the case cannot do this. The clock runs on.
    """
    typed = TypedFee(ground=ground, amount=amount, facts=facts, costs=costs)
    print_act(case, announce_fee(current_app(), case, typed, by=by), json_output=json_output)


def recipients(
    case: CaseArgument,
    by: ByOption,
    asked: Annotated[str, typer.Option(help="On which day the person asked, like 2026-07-05; today by default.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Name the recipients who were notified (L16, Art. 19 GDPR).

    For a person who asks for them; closed cases are accepted.
    """
    day = read_day(asked, "The option --asked") if asked.strip() else None
    print_act(case, name_recipients(current_app(), case, asked_on=day, by=by), json_output=json_output)
