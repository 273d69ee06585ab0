"""The group ``people``: who signs in at the desk, and who is absent."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from deployments.cli.arguments import ByOption, acting
from deployments.cli.output import JsonFlag, console, print_done, print_json
from deployments.desk.addresses import LIKELY, invitation_address
from rightsflow.app import current_app, current_store
from rightsflow.cases.facts.people import record_absence, said, tell_invited
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Absence
from rightsflow.domain.typed_input import read_day
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import Roster, RosterFile

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The person's key in rightsflow.toml, like dana, or their name.")
]


def invite(name: NameArgument, by: ByOption = "", json_output: JsonFlag = False) -> None:
    """Print a one-time link by which a person sets up an account.

    The link is valid for three days, also for an account that is set up anew. Give it to that person alone: anyone
    with the link can act in their name.
    """
    door, who, current = _door(), acting(by), current_app()
    member, token = door.invite(name, by=who)
    replaces = current.store.accounts.has_signed_in(member.key)
    told = tell_invited(current, email=member.email, name=member.name, by=who, replaces=replaces)
    if replaces and not door.invitations.approve_alone(member, by=who):
        told += " The old sign-in is used in the same browser, or an admin approves the invitation at the desk."
    environment = Environment()
    address = load_settings(environment.config_path).desk.address or environment.desk_address
    link = invitation_address(address or LIKELY, token)
    if json_output:
        print_json({"person": member.key, "name": member.name, "roles": member.roles, "link": link, "told": told})
        return
    console.print(f"{member.name} ({member.role}) can open this link once, within three days:")
    console.print(Text(link, "bold"), soft_wrap=True)
    console.print(told, soft_wrap=True)


def list_people(json_output: JsonFlag = False) -> None:
    """List the people who may sign in at the desk, and their roles."""
    roster, made = _roster(), {account.person: account.made_at for account in current_store().accounts.all()}
    lines = [
        {"person": item.key, "name": item.name, "roles": item.roles, "account_since": made.get(item.key)}
        for item in roster.members.values()
    ]
    if json_output:
        print_json(lines)
        return
    if not lines:
        console.print("No one has a role, so there is no desk; add roles under [people] in rightsflow.toml.")
        return
    table = Table("key", "name", "roles", "account", box=None, header_style="bold", pad_edge=False)
    for member in roster.members.values():
        since = made.get(member.key)
        table.add_row(member.key, member.name, member.role, f"since {since:%d %b %Y}" if since else "not set up yet")
    console.print(table)


def sign_out(name: NameArgument, by: ByOption = "", json_output: JsonFlag = False) -> None:
    """End all sessions of a person.

    Also of a person whose roles were removed.
    """
    roster, store = _roster(), current_store()
    member = roster.called(name)
    key = member.key if member else name.strip().lower()
    if member is None and store.accounts.of(key) is None:
        raise BadInput("No one has signed in by that name; `rightsflow people list` shows who can.")
    count = _door().sign_out_everywhere(key, by=acting(by))
    if json_output:
        print_json({"person": key, "sessions": count})
        return
    console.print(f"Signed out {key}: {count} sessions ended.")


def _roster() -> Roster:
    return RosterFile(Environment().config_path)()


def _door() -> Door:
    return Door(current_store, RosterFile(Environment().config_path))


def absence(
    person: Annotated[str, typer.Argument(help="The absent person's key, such as case_owner.")] = "",
    deputy: Annotated[str, typer.Option(help="The key of the deputy.")] = "",
    first: Annotated[str, typer.Option("--from", help="The first day, like 2026-12-21.")] = "",
    last: Annotated[str, typer.Option("--until", help="The last day, which counts.")] = "",
    by: ByOption = "",
    withdraw: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Take back this absence instead.")] = 0,
    json_output: JsonFlag = False,
) -> None:
    """Record an absence and the deputy, or withdraw it."""
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
    """List present and future absences."""
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


def _given(text: str, name: str) -> str:
    """Return a text that is optional with another option and required here."""
    if not text.strip():
        raise BadInput(f"The {name} is missing; see `rightsflow people absence --help`.")
    return text
