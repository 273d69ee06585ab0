"""The group ``hold``: legal holds on records, and the evidence of a case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.act_end import print_act
from deployments.cli.arguments import (
    ByOption,
    CaseArgument,
    IdentifiersOption,
)
from deployments.cli.output import JsonFlag, console, print_done, print_json
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.course.evidence.bundle import hold_evidence, release_evidence
from rightsflow.cases.facts.people import Duty
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import approve_hold, place_hold, release_hold, review_hold
from rightsflow.config.sections.controller import CASE_OWNER
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.request import read_named
from rightsflow.domain.typed_input import read_day

_SOON = timedelta(days=14)
"""From how many days before its review on a hold is doubtful."""
NumberArgument = Annotated[int, typer.Argument(help="The hold's number, as `rightsflow hold list` shows it.")]


def add(
    matter: Annotated[str, typer.Option(help="Which claim needs the records; kept encrypted.")],
    review_on: Annotated[str, typer.Option("--review", help="The day of its review, at most six months ahead.")],
    by: ByOption,
    owner: Annotated[str, typer.Option(help="Who is responsible for it, by the key in rightsflow.toml.")] = CASE_OWNER,
    email: Annotated[str, typer.Option(help="Whose records: the person's e-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="Whose records: the person's phone number.")] = "",
    customer_id: Annotated[str, typer.Option(help="Whose records: your own customer number of the person.")] = "",
    identifiers: IdentifiersOption = None,
    case: Annotated[str, typer.Option(help="Which case's records.")] = "",
    system: Annotated[str, typer.Option(help="Which system's records.")] = "",
    category: Annotated[str, typer.Option(help="Which category's records, as in the record of processing.")] = "",
    covers: Annotated[
        int | None,
        typer.Option(help="Of a number without a case: how many cases share it, as the command told you.", min=0),
    ] = None,
    json_output: JsonFlag = False,
) -> None:
    """Place a legal hold on records.

    It is in force at once and stops a running erasure at its next step; a second person approves it. Of the person
    only keyed hashes are stored. Several options together have to match the same records. A number covers all who
    share it: name the case, or confirm with --covers how many cases share it.
    """
    further = tuple(map(read_named, identifiers or ()))
    person = Sought(email=email, phone=phone, customer_id=customer_id, further=further)
    number, done = place_hold(
        current_app(),
        matter,
        read_day(review_on, "The day of the review"),
        by=by,
        owner=owner,
        person=person if person.is_given else None,
        case_id=case,
        system=system,
        category=category,
        confirmed=covers,
    )
    _print_hold(number, done, json_output=json_output)


def show(
    released: Annotated[bool, typer.Option("--released", help="Released ones too.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List the legal holds in force, the soonest review first.

    The matter is not shown.
    """
    current = current_app()
    found = current.store.legal_holds.all(released_too=released)
    if json_output:
        lines = [(hold, {"hold": hold.number, "scope": hold.scope.words, "owner": hold.owner}) for hold in found]
        print_json([more | _dates(line.review_on, line.stands(current.today)) for line, more in lines])
        return
    duty = Duty.of(current)
    table = Table(
        "hold", "scope", "owner", "placed by", "approved by", "review", "status", box=None, header_style="bold"
    )
    for legal_hold in found:
        names = (duty.name(legal_hold.owner), legal_hold.placed_by, legal_hold.approved_by or "–")
        table.add_row(
            str(legal_hold.number),
            legal_hold.scope.words,
            *names,
            f"{legal_hold.review_on:%d %b %Y}",
            legal_hold.stands(current.today),
        )
    console.print(table if found else "No legal hold is in force.")


def _dates(review_on: date, stands: str) -> dict[str, str]:
    return {"review_on": review_on.isoformat(), "status": stands}


def approve(number: NumberArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Approve a legal hold as a second person."""
    _print_hold(number, approve_hold(current_app(), number, by=by), json_output=json_output)


def review(
    number: NumberArgument,
    until: Annotated[str, typer.Option("--next", help="The day of the next review, at most six months ahead.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that a legal hold was reviewed and is still needed."""
    _print_hold(
        number,
        review_hold(current_app(), number, read_day(until, "The day of the review"), by=by),
        json_output=json_output,
    )


def release(
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="How the matter ended; kept encrypted.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Release a legal hold.

    The person who placed it cannot. The decisions on the held records reopen by themselves.
    """
    _print_hold(number, release_hold(current_app(), number, by=by, reason=reason), json_output=json_output)


def _print_hold(number: int, done: str, *, json_output: bool) -> None:
    print_done(done, json_output=json_output, hold=number)


def holds_health(current: App) -> Health:
    """Report the legal holds that are not approved or not reviewed in time.

    Args:
        current: The runtime.
    """
    try:
        present = current.store.legal_holds.all()
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    late = [legal_hold for legal_hold in present if legal_hold.review_on < current.today]
    soon = [legal_hold for legal_hold in present if current.today <= legal_hold.review_on <= current.today + _SOON]
    alone = [legal_hold for legal_hold in present if not legal_hold.approved_by]
    counts = {"reviews overdue": late, "reviews due within 14 days": soon, "without a second person's approval": alone}
    named = [f"{what}: {', '.join(str(item.number) for item in some)}" for what, some in counts.items() if some]
    if not named:
        return Health(ok=True, detail=f"Legal holds in force: {len(present)}.")
    detail = f"Legal holds, {'; '.join(named)}; see `rightsflow hold list`."
    return Health(ok=not late, detail=detail, is_doubtful=True)


def hold_case(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Which complaint or claim is pending, or how it ended; kept encrypted.")],
    by: ByOption,
    until: Annotated[str, typer.Option(help="The last day on which the evidence is held, like 2030-12-31.")] = "",
    open_ended: Annotated[bool, typer.Option("--open-ended", help="Hold it until that is lifted.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold instead.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Hold the evidence of a closed case during a complaint or a claim.

    While it is held, the case is not purged, even if its evidence period is over (Art. 17(3)(e) GDPR).
    """
    if [bool(until.strip()), open_ended, lift].count(True) != 1:
        raise BadInput("The period of the hold is missing; give one of --until, --open-ended and --lift.")
    if lift:
        done = release_evidence(current_app(), case, by=by, reason=reason)
    else:
        done = hold_evidence(
            current_app(), case, None if open_ended else read_day(until, "The option --until"), by=by, reason=reason
        )
    print_act(case, done, json_output=json_output)
