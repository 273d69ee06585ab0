"""Letters after they were written: word their free parts, note them as delivered or as returned."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.cli.commands.decisions import CaseArgument, print_act
from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, print_done
from rightsflow.app import current_app
from rightsflow.cases.complaints import record_complaint
from rightsflow.cases.letters.confirming import confirm_text, read_text_to_confirm
from rightsflow.cases.letters.editing import edit_letter
from rightsflow.cases.letters.interim import write_interim
from rightsflow.cases.letters.on_request import TypedFee, announce_fee, ask_for_more, name_recipients
from rightsflow.cases.sending.arriving import record_delivered, record_returned
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.domain.days import read_day
from rightsflow.domain.vocabulary.states import read_case_id

LetterOption = Annotated[str, typer.Option(help="Which letter of the outbox, such as L9.")]
OnOption = Annotated[str, typer.Option("--on", help="On which day, like 2026-03-05; today by default.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("edit-letter")(edit)
    app.command("confirm-letter")(confirm)
    app.command("interim-answer")(interim)
    app.command("record-complaint")(complaint)
    app.command("cannot-identify")(cannot_identify)
    app.command("announce-fee")(fee)
    app.command("name-recipients")(recipients)
    app.command("record-delivered")(delivered)
    app.command("record-returned")(returned)


def edit(
    case: CaseArgument,
    letter: LetterOption,
    by: ByOption,
    salutation: Annotated[str, typer.Option(help="How the person is addressed, like: Dear Ms Example,")] = "",
    remark: Annotated[str, typer.Option(help="What is said before the closing, in your words.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Word the free parts of a letter before it goes out; what the law asks for stays as it was written.

    What was worded before is replaced. Without a salutation and a remark the letter is as it was written.
    """
    parts = FreeParts(salutation=salutation, remark=remark)
    done = edit_letter(current_app(), case, letter.strip().upper(), parts, by=by)
    _say(case, letter, done, json_output=json_output)


def interim(case: CaseArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Write the interim answer (L28), where a system fails near the last day or after it.

    It says what is done, what is not yet, and why. The case stays open, and no date moves.
    """
    print_act(case, write_interim(current_app(), case, by=by), json_output=json_output)


def cannot_identify(case: CaseArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Write the letter that says what the person can add, where nothing can be attributed to them (L4, Art. 11(2)).

    After the search only. The case stays open, and the clock goes on.
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
    """Announce a fee before anything is charged (L5, Art. 12(5) GDPR); the case's opener cannot. The clock goes on."""
    typed = TypedFee(ground=ground, amount=amount, facts=facts, costs=costs)
    print_act(case, announce_fee(current_app(), case, typed, by=by), json_output=json_output)


def recipients(
    case: CaseArgument,
    by: ByOption,
    asked: Annotated[str, typer.Option(help="On which day the person asked, like 2026-07-05; today by default.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Name to the person, on request, who was told of what was done (L16, Art. 19 s. 2 GDPR); closed cases too."""
    day = read_day(asked, "The option --asked") if asked.strip() else None
    print_act(case, name_recipients(current_app(), case, asked_on=day, by=by), json_output=json_output)


def complaint(
    case: CaseArgument,
    about: Annotated[str, typer.Option(help="What the person complains about; encrypted.")],
    by: ByOption,
    received: Annotated[str, typer.Option(help="On which day it came, like 2026-07-05; today by default.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record a complaint to the controller about a case (s. 164A Data Protection Act 2018); closed cases too.

    Its acknowledgement (L29) is written, and a task waits until the person was told the outcome.
    """
    day = read_day(received, "The option --received") if received.strip() else None
    done = record_complaint(current_app(), case, about=about, received_on=day, by=by)
    print_act(case, done, json_output=json_output)


def confirm(
    case: CaseArgument,
    letter: LetterOption,
    by: ByOption,
    code: Annotated[str, typer.Option(help="The code shown with the text; without it the text is shown.")] = "",
    reason: Annotated[str, typer.Option(help="Why you read it; encrypted.")] = "To confirm its text.",
    json_output: JsonFlag = False,
) -> None:
    """Confirm the free text of a letter that another person worded while records are kept.

    First without a code: the letter is shown, then what is kept, then the code. That you read it is in the ledger.
    """
    name = letter.strip().upper()
    if code:
        _say(case, letter, confirm_text(current_app(), case, name, code=code, by=by), json_output=json_output)
        return
    found = read_text_to_confirm(current_app(), case, name, by=by, reason=reason)
    kept = "\n".join(f"- {item}" for item in found.kept) or "- nothing"
    shown = f"{found.letter.body}\nWhat is kept:\n{kept}\n\nCode: {found.code}"
    print_done(shown, json_output=json_output, case=read_case_id(case), letter=name, code=found.code)


def delivered(
    case: CaseArgument,
    letter: LetterOption,
    by: ByOption,
    on: OnOption = "",
    proof: Annotated[str, typer.Option(help="The reference of the proof, such as a return receipt; encrypted.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that a letter that was sent reached the person."""
    current = current_app()
    day = read_day(on, "The option --on") if on.strip() else current.today
    done = record_delivered(current, case, letter.strip().upper(), day, by=by, proof=proof)
    _say(case, letter, done, json_output=json_output)


def returned(
    case: CaseArgument, letter: LetterOption, by: ByOption, on: OnOption = "", json_output: JsonFlag = False
) -> None:
    """Record that a letter came back, by post or as a bounced mail: it counts as not sent, and is to be sent again.

    An answer opens the case again; what a question or a notice did to the clock is taken back, unless it was answered.
    """
    current = current_app()
    day = read_day(on, "The option --on") if on.strip() else current.today
    _say(
        case,
        letter,
        record_returned(current, case, letter.strip().upper(), day, by=by),
        json_output=json_output,
    )


def _say(case: str, letter: str, done: str, *, json_output: bool) -> None:
    print_act(case, done, json_output=json_output, letter=letter.strip().upper())
