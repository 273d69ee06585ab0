"""The compliance team's acts on a case besides decisions at gates: the forms of the UI as commands."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.commands.decisions import CaseArgument
from deployments.cli.instants import instant
from deployments.cli.output import JsonFlag, console, print_done, print_json
from deployments.local.sheet import show_on_sheet
from rightsflow.app import current_app
from rightsflow.cases.deadlines.acknowledging import acknowledge
from rightsflow.cases.deadlines.extension import extend
from rightsflow.cases.letters.questions import ask_clarification, ask_identity, record_clarified
from rightsflow.cases.narrowing import TypedNarrowing, narrow
from rightsflow.cases.overview.case_sheet import read_overview
from rightsflow.cases.people import hand_over, record_absence, said
from rightsflow.cases.sending.sent import record_sent
from rightsflow.domain.days import read_day
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Absence
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import read_case_id

CategoriesOption = Annotated[str, typer.Option(help="What they mean: categories of data, separated by commas.")]
SinceOption = Annotated[str, typer.Option("--from", help="From which day on, like 2026-05-01.")]
UntilOption = Annotated[str, typer.Option("--until", help="Until which day, like 2026-05-31.")]
ByOption = Annotated[str, typer.Option("--by", help="Who does this: your name.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("extend-period")(extend_period)
    app.command("ask")(ask)
    app.command("record-clarified")(clarified)
    app.command("narrow")(narrow_case)
    app.command("record-sent")(sent)
    app.command("to-send")(to_send)
    app.command("acknowledge")(acknowledge_alerts)
    app.command("hand-over")(hand_over_case)
    app.command("absence")(absence)
    app.command("absences")(absences)


def extend_period(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="The concrete reason; it is quoted to the person.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Extend the period by two months (Art. 12(3) GDPR); refused outside the law.

    The notice is written into the outbox. The date moves when it has gone out in time: see the command record-sent.
    """
    prepared = extend(current_app(), case, reason=reason, by=by)
    show_on_sheet(read_case_id(case))
    if json_output:
        print_json(
            {
                "case": read_case_id(case),
                "letter": LetterId.EXTENSION,
                "send_by": prepared.send_by_on,
                "extension_notice_due_date": prepared.notice_due_on,
                "extended_until": prepared.extended_until,
                "sent": prepared.is_sent,
            }
        )
        return
    console.print(prepared.sentence, highlight=False)


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
    """Ask the person for proof of identity, or what they mean. The letter is written into the outbox.

    Once it has gone out, a question for identity stops the clock; one for what is meant, under the UK GDPR only.
    """
    if bool(doubt.strip()) == bool(areas.strip()):
        raise BadInput("The question is missing; give either --doubt, for identity, or --areas.")
    if doubt.strip():
        done = ask_identity(current_app(), case, doubt=doubt, by=by)
    else:
        done = ask_clarification(current_app(), case, areas=areas.split(","), by=by)
    _say(case, done, json_output=json_output)


def clarified(
    case: CaseArgument,
    by: ByOption,
    at: Annotated[
        str, typer.Option(help="When the answer arrived: 2026-03-05 or 2026-03-05T10:00+01:00; now by default.")
    ] = "",
    answer: Annotated[str, typer.Option(help="What they wrote; encrypted.")] = "",
    categories: CategoriesOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that the person has said what they mean; a clock that was suspended, under the UK GDPR only, runs on.

    With categories or a period the request is about these alone.
    """
    about = TypedNarrowing(categories=categories, since=since, until=until)
    done = record_clarified(current_app(), case, at=instant(at, "--at"), answer=answer, about=about, by=by)
    _say(case, done, json_output=json_output)


def narrow_case(
    case: CaseArgument,
    by: ByOption,
    categories: CategoriesOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Narrow an access or erasure request to what the person asked for ("my calls of May"), until it is approved.

    Records outside are neither given nor erased, and the answer says so.
    """
    typed = TypedNarrowing(categories=categories, since=since, until=until)
    _say(case, narrow(current_app(), case, typed, by=by), json_output=json_output)


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
    """Record that a letter went out. L2 stops the clock by it, L3 under the UK GDPR only; L6 extends the period.

    The day counts in the controller's time zone: not in the future, and not before the letter was written.
    """
    if not letter.strip():
        written = (
            ", ".join(line.template_id for line in read_overview(current_app(), read_case_id(case)).letters) or "none"
        )
        raise BadInput(f"The letter that went out is missing; the letters of this case are: {written}.")
    how = delivery(channel, proof)
    _say(
        case, record_sent(current_app(), case, letter, at=instant(at, "--at"), by=by, how=how), json_output=json_output
    )


def to_send(json_output: JsonFlag = False) -> None:
    """List the letters that are written and not noted as sent, the soonest due first.

    A case stays open until its answer is sent. Note the sending with `rightsflow record-sent`.
    """
    current = current_app()
    letters, zone = current.store.work.letters_to_send(), current.settings.controller.zone
    if json_output:
        print_json(letters)
        return
    table = Table("case", "letter", "request by", "waits since", "work to", "due", box=None, header_style="bold")
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


def acknowledge_alerts(case: CaseArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Take note of a case's alerts: they are not sent again, but the next rung is."""
    _say(case, acknowledge(current_app(), case, by=by), json_output=json_output)


def hand_over_case(
    case: CaseArgument,
    to: Annotated[str, typer.Option(help="The new owner's key: a role of \\[owners] or a key of \\[people].")],
    reason: Annotated[str, typer.Option(help="Why the case changes hands.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Let another person answer for a case."""
    _say(case, hand_over(current_app(), case, to, by=by, reason=reason), json_output=json_output)


def absence(
    person: Annotated[str, typer.Argument(help="The absent person's key, such as case_owner.")] = "",
    deputy: Annotated[str, typer.Option(help="The key of the person who stands in.")] = "",
    first: Annotated[str, typer.Option("--from", help="The first day, like 2026-12-21.")] = "",
    last: Annotated[str, typer.Option("--until", help="The last day, which counts.")] = "",
    by: ByOption = "",
    withdraw: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Take back this absence instead.")] = 0,
    json_output: JsonFlag = False,
) -> None:
    """Record that a person is absent and who stands in, or take that back."""
    if withdraw:
        current_app().store.withdraw_absence(withdraw, said(by))
        done = f"The absence {withdraw} is taken back."
    else:
        away = Absence(
            person=_given(person, "argument PERSON"),
            deputy=_given(deputy, "option --deputy"),
            first_on=read_day(_given(first, "option --from"), "The option --from"),
            last_on=read_day(_given(last, "option --until"), "The option --until"),
        )
        done = record_absence(current_app(), away, by=by)
    print_done(done, json_output=json_output)


def absences(json_output: JsonFlag = False) -> None:
    """List the absences that are not over, and who stands in."""
    current = current_app()
    found = current.store.absences_from(current.today)
    if json_output:
        print_json(found)
        return
    people = current.settings.people_by_key
    table = Table("#", "absent", "deputy", "from", "until", "recorded by", box=None, header_style="bold")
    for recorded_absence in found:
        away = recorded_absence.absence
        names = [people[key].full_name if key in people else key for key in (away.person, away.deputy)]
        table.add_row(
            str(recorded_absence.number), *names, str(away.first_on), str(away.last_on), recorded_absence.recorded_by
        )
    console.print(table if found else "No person is absent.")


def _say(case: str, done: str, *, json_output: bool) -> None:
    show_on_sheet(read_case_id(case))
    print_done(done, json_output=json_output, case=read_case_id(case))


def _given(text: str, name: str) -> str:
    """Return a text that is optional with another option and required here."""
    if not text.strip():
        raise BadInput(f"The {name} is missing; see `rightsflow absence --help`.")
    return text
