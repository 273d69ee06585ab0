"""``init``, ``migrate`` and ``doctor``."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from connectors.registry import connectors_for
from deployments.cli.commands.braking import brakes_health
from deployments.cli.commands.by_hand import tasks_health
from deployments.cli.commands.ledger import ledger_health
from deployments.cli.commands.legal_holds import holds_health
from deployments.cli.commands.orders import agents_health, orders_health
from deployments.cli.commands.processors import peers_health, processors_health
from deployments.cli.disk_checks import disks_health
from deployments.cli.output import JsonFlag, console, print_fault, print_json
from deployments.cli.progress import progress_health
from deployments.cluster.checks import cluster_checks
from deployments.local.resume import server_access
from deployments.local.server_contact import answers
from deployments.local.up import running_api_url
from rightsflow.app import current_app, current_store, mail_server, utc_now
from rightsflow.cases.search.system_checks import system_checks
from rightsflow.cases.telling_people import people_health
from rightsflow.config.environment import Environment
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.config.sections.policy_settings import PolicySettings
from rightsflow.config.settings import Settings, load_settings
from rightsflow.documents.package import missing_statements
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey, create_key_file, load_master_key
from rightsflow.vault.sealing import KEY_BYTES


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("migrate")(migrate)
    app.command("doctor")(doctor)


def init(json_output: JsonFlag = False) -> None:
    """Write rightsflow.toml, the master key (0600) and the case store; what is there already stays."""
    environment = Environment()
    done = set_up(environment)
    if json_output:
        print_json({"home": str(environment.folder), "created": done})
        return
    for what in done:
        console.print(f"Created {what}.", soft_wrap=True)
    if not done:
        console.print("Everything is there already; nothing was changed.")
    console.print(f"Next: fill in {environment.config_path}, then run `rightsflow doctor`.", soft_wrap=True)


def migrate(json_output: JsonFlag = False) -> None:
    """Bring the case store's tables to this version, and do nothing else; no key and no configuration is needed."""
    database = Database(Environment().case_store_url)
    try:
        was_current = database.is_current()
        if not was_current:
            database.migrate()
    finally:
        database.close()
    if json_output:
        print_json({"changed": not was_current})
        return
    console.print("The case store is current already." if was_current else "The case store is current now.")


def set_up(environment: Environment) -> list[str]:
    """Create what is missing of configuration, master key and case store; returns what was created.

    Raises:
        Misconfigured: A setting of the environment is wrong, or the key is not the one of the store's cases.
        Transient: The case store does not answer.
    """
    done: list[str] = []
    environment.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not environment.config_path.exists():
        template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
        environment.config_path.write_text(template, encoding="utf-8")
        done.append(str(environment.config_path))
    database = Database(environment.case_store_url)
    if not database.is_current():
        database.migrate()
        done.append("the case store")
    key_file = environment.folder / "master.key"
    if environment.master_key_reference == f"file:{key_file}" and not key_file.exists():
        _refuse_to_orphan(database, key_file)
        create_key_file(key_file)
        done.append(str(key_file))
    master = load_master_key(environment.master_key_reference, environment.master_key_before)
    Store(database, master, utc_now).check_key()
    database.close()
    return done


def _refuse_to_orphan(database: Database, key_file: Path) -> None:
    """Make no new key beside cases of another: it would only hide that theirs is lost."""
    try:
        Store(database, MasterKey(os.urandom(KEY_BYTES)), utc_now).check_key()
    except Misconfigured:
        raise Misconfigured(
            f"There is no master key at {key_file}, but the case store holds cases; restore that key."
        ) from None


def doctor(json_output: JsonFlag = False) -> int:
    """Check keys, store, Prefect, and probe each system; exit status 1 if something is wrong."""
    checks = {"configuration": _configuration(), "disks": disks_health(Environment())}
    checks |= {"case store": _case_store(), "Prefect": _prefect()}
    if checks["configuration"].ok and checks["case store"].ok:
        settings = current_app().settings
        checks |= {"access answers": _access_answers(settings)}
        checks |= {"notifications": _notifications(settings), "policies": _policies(settings)}
        checks |= {"people": people_health(settings)}
        checks |= {"advertising": _advertising(settings)}
        if settings.delivery.mail:
            checks |= {"mail of letters": _mail_server(settings.delivery.mail, "delivery.mail")}
        checks |= {"ledger": ledger_health(current_app()), "progress": progress_health(current_app().store)}
        checks |= {"brakes": brakes_health(current_app()), "tasks by hand": tasks_health(current_app())}
        checks |= {"legal holds": holds_health(current_app())}
        if settings.asked:
            checks |= {"processors": processors_health(current_app())} | peers_health(current_app())
        if settings.inbound.opendsr:
            checks |= {"orders": orders_health(current_app())}
        if settings.inbound.drp:
            checks |= {"agents": agents_health(current_app())}
        checks |= _cluster(checks["Prefect"])
        checks |= system_checks(current_app())
    if json_output:
        print_json(checks)
    else:
        _print(checks)
    wrong = [name for name, check in checks.items() if not check.ok]
    if wrong:
        print_fault(f"Not in order: {', '.join(wrong)}; mend what the list says and run `rightsflow doctor` again.")
    return 1 if wrong else 0


def _print(checks: dict[str, Health]) -> None:
    table = Table("", "check", "what was seen", box=None, header_style="bold")
    for name, check in checks.items():
        detail, is_doubtful = check.detail, check.is_doubtful
        if check.excessive_rights:
            detail += f" More rights than needed: {', '.join(check.excessive_rights)}."
            is_doubtful = True
        mark = (Text("!", "yellow") if is_doubtful else Text("✓", "green")) if check.ok else Text("✗", "red")
        table.add_row(mark, name, detail)
    console.print(table)


def _configuration() -> Health:
    try:
        settings = load_settings(Environment().config_path)
        connectors_for(settings)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    count = len(settings.systems)
    detail = f"{count} {'system' if count == 1 else 'systems'}, controller {settings.controller.name}."
    return Health(ok=True, detail=detail)


def _case_store() -> Health:
    try:
        store = current_store()
        store.check_key()
        cases = store.summaries()
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True, detail=f"Reachable and current; {len(cases)} open cases.")


def _access_answers(settings: Settings) -> Health:
    """Report if the configuration states the contents of an access answer (Art. 15(1) and (2) GDPR)."""
    missing = missing_statements(settings.controller, current_app().systems)
    if missing:
        detail = (
            f"Access requests cannot be answered while {', '.join(missing)} "
            f'{"say" if len(missing) > 1 else "says"} nothing; fill it in, with "none" where there are none.'
        )
        return Health(ok=False, detail=detail)
    return Health(ok=True, detail="Recipients, transfers and automated decisions are stated for every system.")


def _advertising(settings: Settings) -> Health:
    """Report the programs that ask the suppression list; without any, objections stop no ads (Art. 21(3) GDPR)."""
    programs, token = settings.suppression.asked_by, settings.suppression.token
    if not programs:
        detail = (
            "No program is stated to ask the suppression list, so an objection stops no advertising; let each that "
            "sends some ask it, and name it in [suppression] asked_by."
        )
        return Health(ok=True, detail=detail, is_doubtful=True)
    if token is None:
        detail = (
            f"Stated to ask the suppression list: {', '.join(programs)}; but no token is set, so none can ask over "
            "HTTP. Set [suppression] token, or let `rightsflow suppressed` check each list before it is used."
        )
        return Health(ok=True, detail=detail, is_doubtful=True)
    return Health(ok=True, detail=f"Stated to ask the suppression list: {', '.join(programs)}.")


def _notifications(settings: Settings) -> Health:
    people = sum(recipient.startswith("person.") for recipient in settings.reachable)
    if not settings.reachable:
        detail = "No alerts are sent outside the UI; fill in [notifications] in rightsflow.toml."
        return Health(ok=True, detail=detail, is_doubtful=True)
    told = f"Can be told of alerts: {people} people, {len(settings.reachable) - people} channels."
    mail = settings.notifications.mail
    seen = _mail_server(mail, "notifications.mail") if mail else Health(ok=True, detail="")
    return replace(seen, detail=f"{told} {seen.detail}".strip())


def _policies(settings: Settings) -> Health:
    """Report the policies that decide without a person."""
    if not settings.policies:
        return Health(ok=True, detail="None: a person decides on every case.")
    return Health(ok=True, detail=" ".join(map(_policy, settings.policies)))


def _policy(policy_settings: PolicySettings) -> str:
    draw = (
        f"one in {policy_settings.every_nth_to_a_person} goes to a person"
        if policy_settings.every_nth_to_a_person
        else "no draw"
    )
    ways = ", ".join(policy_settings.identity)
    what = (
        f"{policy_settings.when} of {', '.join(policy_settings.fields)}, at most {policy_settings.most_records}"
        if policy_settings.fields
        else policy_settings.when
    )
    return (
        f"{policy_settings.name} version {policy_settings.version}: {policy_settings.right}, {what}, identity "
        f"by {ways}; {draw}."
    )


def _mail_server(config: MailServer, section: str) -> Health:
    try:
        mail_server(config, "").probe()
    except RightsflowError as error:
        return Health(ok=False, detail=f"{error} Check [{section}] in rightsflow.toml.")
    return Health(ok=True, detail=f"The mail server {config.host}:{config.port} lets us in.")


def _cluster(prefect: Health) -> dict[str, Health]:
    """Return the checks of a server that others share; the server of ``up`` needs none."""
    access = server_access() if prefect.ok else None
    if access is None or access.api_url == running_api_url(Environment().folder):
        return {}
    return cluster_checks(access, current_app())


def _prefect() -> Health:
    try:
        access = server_access()
    except Misconfigured as error:
        return Health(ok=False, detail=str(error))
    if access is None:
        return Health(ok=True, detail="No server is up; `rightsflow up` starts one, `rightsflow run` works without.")
    url = access.api_url
    if answers(access):
        return Health(ok=True, detail=f"The server answers at {url}.")
    return Health(ok=False, detail=f"The server at {url} does not answer; start it, or unset PREFECT_API_URL.")
