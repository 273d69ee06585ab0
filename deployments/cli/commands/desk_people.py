"""``people``: who may sign in at the desk; invite them, and sign them out everywhere."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from deployments.cli.arguments import acting
from deployments.cli.output import JsonFlag, console, print_json
from deployments.desk.addresses import LIKELY, invitation_address
from rightsflow.app import current_app, current_store
from rightsflow.cases.telling_people import tell_invited
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.errors import BadInput
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import Roster, RosterFile

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="The person's key in rightsflow.toml, like dana, or their name.")
]
ByOption = Annotated[str, typer.Option(help="Who does this; by default the name you are logged in with.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    people = typer.Typer(no_args_is_help=True, help="People who sign in at the desk.")
    people.command("invite")(invite)
    people.command("list")(list_people)
    people.command("sign-out")(sign_out)
    app.add_typer(people, name="people")


def invite(name: NameArgument, by: ByOption = "", json_output: JsonFlag = False) -> None:
    """Print a link, once, by which a person with a role sets up their account, or sets it up anew; it lasts three days.

    Give it to that person alone, by a way that is theirs: who opens it first can act in their name.
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
    """List who may sign in, with which roles, and who has set up an account."""
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
    """End all sessions of a person at once, also of one whose roles were taken away."""
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
