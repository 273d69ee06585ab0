"""``legal-hold``: keep what a claim needs from being erased, and release it again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, console, print_done, print_json
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.find import Sought
from rightsflow.cases.legal_hold import approve_hold, place_hold, release_hold, review_hold
from rightsflow.cases.people import Duty
from rightsflow.config.sections.owners import CASE_OWNER
from rightsflow.domain.connector import Health
from rightsflow.domain.days import read_day
from rightsflow.domain.errors import RightsflowError

holds = typer.Typer(
    help="Legal holds (Art. 17(3)(e) GDPR): what a claim needs is not erased until the hold is released.",
    no_args_is_help=True,
)
_SOON = timedelta(days=14)
"""From how many days before its review on a hold is doubtful."""
NumberArgument = Annotated[int, typer.Argument(help="The hold's number, as `rightsflow legal-hold list` shows it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    holds.command("add")(add)
    holds.command("list")(show)
    holds.command("approve")(approve)
    holds.command("review")(review)
    holds.command("release")(release)
    app.add_typer(holds, name="legal-hold")


def add(
    matter: Annotated[str, typer.Option(help="Which claim needs the records; kept encrypted.")],
    review_on: Annotated[str, typer.Option("--review", help="The day of its review, at most six months ahead.")],
    by: ByOption,
    owner: Annotated[str, typer.Option(help="Who is responsible for it, by the key in rightsflow.toml.")] = CASE_OWNER,
    email: Annotated[str, typer.Option(help="Whose records: the person's e-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="Whose records: the person's phone number.")] = "",
    customer_id: Annotated[str, typer.Option(help="Whose records: your own customer number of the person.")] = "",
    case: Annotated[str, typer.Option(help="Which case's records.")] = "",
    system: Annotated[str, typer.Option(help="Which system's records.")] = "",
    category: Annotated[str, typer.Option(help="Which category's records, as in the record of processing.")] = "",
    covers: Annotated[
        int | None,
        typer.Option(help="Of a number without a case: how many cases share it, as the command told you.", min=0),
    ] = None,
    json_output: JsonFlag = False,
) -> None:
    """Place a hold: in force at once, it stops an erasure under way at its next step; a second person approves it.

    Of the person only keyed hashes are kept. What several options name has to fit together. A number covers all who
    share it: name the case, or confirm with --covers how many cases these are.
    """
    person = Sought(email=email, phone=phone, customer_id=customer_id) if email + phone + customer_id else None
    number, done = place_hold(
        current_app(),
        matter,
        read_day(review_on, "The day of the review"),
        by=by,
        owner=owner,
        person=person,
        case_id=case,
        system=system,
        category=category,
        confirmed=covers,
    )
    _print(number, done, json_output=json_output)


def show(
    released: Annotated[bool, typer.Option("--released", help="Released ones too.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List the holds in force, the soonest to review first. The matter is not shown."""
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
    """Approve a hold as a second person (four eyes)."""
    _print(number, approve_hold(current_app(), number, by=by), json_output=json_output)


def review(
    number: NumberArgument,
    until: Annotated[str, typer.Option("--next", help="The day of the next review, at most six months ahead.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that a hold was reviewed and is still needed."""
    _print(
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
    """Release a hold; the person who placed it cannot. The decision on what it kept opens again by itself."""
    _print(number, release_hold(current_app(), number, by=by, reason=reason), json_output=json_output)


def _print(number: int, done: str, *, json_output: bool) -> None:
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
    detail = f"Legal holds, {'; '.join(named)}; see `rightsflow legal-hold list`."
    return Health(ok=not late, detail=detail, is_doubtful=True)
