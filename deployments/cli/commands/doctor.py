"""``doctor``: whether keys, stores, Prefect, systems and people are in order.

Prefect is imported only where a server is named, so that all else is checked quickly.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Final

from fsspec.core import split_protocol
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from connectors.registry import connectors_for
from deployments.cli.commands.case_acts import tasks_health
from deployments.cli.commands.holds import holds_health
from deployments.cli.commands.ledger import ledger_health
from deployments.cli.commands.processors import peers_health, processors_health
from deployments.cli.commands.systems import brakes_health
from deployments.cli.output import JsonFlag, console, print_fault, print_json
from deployments.inbound.orders_interface import order_routes, signer_of
from deployments.local.resume import server_access
from deployments.local.up import running_api_url
from deployments.renewal import settings_differences
from rightsflow.app import current_app, current_store, mail_server
from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.coverage_check import coverage_health
from rightsflow.cases.course.intake.agents import agents_of
from rightsflow.cases.course.orders import all_orders, inbound_of
from rightsflow.cases.facts.people import people_health
from rightsflow.cases.facts.systems import system_checks
from rightsflow.config.environment import Environment
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.config.sections.policy_settings import PolicySettings
from rightsflow.config.settings import Settings, load_settings
from rightsflow.documents.package import missing_statements
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from rightsflow.domain.wording import counted
from rightsflow.files.machine import DiskState, try_disk
from rightsflow.store import Store
from rightsflow.store.queries.figures import Standstill

_LISTENS: Final = "`rightsflow up` listens, or `rightsflow service listen`."
_MEND: Final = "free space there"
_NAMED: Final = 3
"""The number of cases that a sentence names."""


def doctor(json_output: JsonFlag = False) -> int:
    """Check the keys, the stores, Prefect and every system.

    The exit status is 1 if something is wrong.
    """
    checks = {"configuration": _configuration(), "disks": disks_health(Environment())}
    checks |= {"case store": _case_store(), "Prefect": _prefect()}
    if checks["configuration"].ok and checks["case store"].ok:
        settings = current_app().settings
        checks |= {"access answers": _access_answers(settings)}
        checks |= {"running parts": running_parts_health(current_app())}
        checks |= {"notifications": _notifications(settings), "policies": _policies(settings)}
        checks |= {"people": people_health(settings)}
        checks |= {"advertising": _advertising(settings)}
        if settings.delivery.mail:
            checks |= {"mail of letters": _mail_server(settings.delivery.mail, "delivery.mail")}
        checks |= {"ledger": ledger_health(current_app()), "progress": progress_health(current_app().store)}
        checks |= {"brakes": brakes_health(current_app()), "tasks by hand": tasks_health(current_app())}
        checks |= {"legal holds": holds_health(current_app()), "coverage": coverage_health(current_app())}
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
        _print_checks(checks)
    wrong = [name for name, check in checks.items() if not check.ok]
    if wrong:
        print_fault(f"Not in order: {', '.join(wrong)}; mend what the list says and run `rightsflow doctor` again.")
    return 1 if wrong else 0


def _print_checks(checks: dict[str, Health]) -> None:
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


def running_parts_health(current: App) -> Health:
    """Report the running parts that work with other settings than the configuration has now.

    Args:
        current: The runtime.
    """
    names = sorted({part.name for part in current.store.running_parts.present()})
    if lacks := settings_differences(current):
        return Health(ok=True, detail=" ".join(lacks), is_doubtful=True)
    return Health(ok=True, detail=f"With these settings run: {', '.join(names)}." if names else "No part runs.")


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
            "HTTP. Set [suppression] token, or let `rightsflow systems suppressed` check each list before it is used."
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
    from deployments.cluster.checks import cluster_checks  # noqa: PLC0415

    return cluster_checks(access, current_app())


def _prefect() -> Health:
    try:
        access = server_access()
    except Misconfigured as error:
        return Health(ok=False, detail=str(error))
    if access is None:
        return Health(ok=True, detail="No server is up; `rightsflow up` starts one, `rightsflow run` works without.")
    from deployments.local.server_contact import answers  # noqa: PLC0415

    url = access.api_url
    if answers(access):
        return Health(ok=True, detail=f"The server answers at {url}.")
    return Health(ok=False, detail=f"The server at {url} does not answer; start it, or unset PREFECT_API_URL.")


def orders_health(current: App) -> Health:
    """Report if orders can be taken (certificate, key and tokens), and the overdue orders.

    Args:
        current: The runtime.
    """
    try:
        order_routes(current, monotonic)
        doubt = signer_of(current).doubt(current.now())
        found = all_orders(current)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    done = {OpenDsrStatus.COMPLETED, OpenDsrStatus.CANCELLED}
    late = sum(order.status not in done and order.due_on < current.today for order in found)
    section = inbound_of(current)
    said = f"Controllers whose orders are taken: {len(section.controllers)}; {_LISTENS}"
    overdue = f"{counted(late, 'order')} {'is' if late == 1 else 'are'} overdue." if late else ""
    return Health(ok=True, detail=" ".join(filter(None, (doubt, overdue, said))), is_doubtful=bool(late or doubt))


def agents_health(current: App) -> Health:
    """Report if requests of agents can be taken, and the agents that have no token yet.

    Args:
        current: The runtime.
    """
    try:
        section = agents_of(current)
        paired = current.store.agent_tokens.paired(section.business_id)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    missing = sorted(agent.name for key, agent in section.agents.items() if key not in paired)
    said = f"Agents whose requests are taken: {len(section.agents)}; {_LISTENS}"
    return Health(ok=True, detail=f"{said} Without a token yet: {', '.join(missing)}." if missing else said)


def disks_health(environment: Environment) -> Health:
    """Look at each place on this machine.

    Args:
        environment: Where they are.
    """
    states = {place: try_disk(folder, f"{place} {folder}") for place, folder in _disks(environment).items()}
    if faults := [state.fault for state in states.values() if state.fault]:
        return Health(ok=False, detail=" ".join(dict.fromkeys(faults)))
    scarce = [place for place, state in states.items() if state.is_scarce]
    detail = f"{_free_space(states)}."
    if scarce:
        detail += f" Little is left for {', '.join(scarce)}; {_MEND}."
    return Health(ok=True, detail=detail, is_doubtful=bool(scarce))


def _free_space(states: Mapping[str, DiskState]) -> str:
    by_figure: dict[str, list[str]] = {}
    for place, state in states.items():
        by_figure.setdefault(state.free_text, []).append(place)
    text = "; ".join(f"{', '.join(places)}: {figure}" for figure, places in by_figure.items())
    return text[0].upper() + text[1:]


def _disks(environment: Environment) -> dict[str, Path]:
    found = {"the home": environment.folder}
    try:
        url = make_url(environment.case_store_url)
    except ArgumentError:
        url = None
    if url is not None and url.get_backend_name() == "sqlite" and url.database:
        found["the case store"] = Path(url.database).absolute().parent
    protocol, folder = split_protocol(environment.work_location)
    if protocol in {None, "file", "local"}:
        found["the working copies"] = Path(str(folder)).absolute()
    return found | {"temporary files": Path(tempfile.gettempdir())}


def progress_health(store: Store) -> Health:
    """Report the cases that do not move although no person has to decide.

    Args:
        store: The case store.
    """
    try:
        seen, queues = store.standstill(), store.slots.queues()
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    wrong = list(_standing_still(seen))
    doubtful = [f"{case_id} has been at {step} {system} for over an hour." for case_id, step, system in seen.long_steps]
    doubtful += [
        f"{queue.abandoned} slots of {system} belong to processes that are gone; the next step there clears them."
        for system, queue in queues.items()
        if queue.abandoned
    ]
    working = sum(queue.alive for queue in queues.values())
    detail = " ".join(wrong + doubtful) or f"No case is stuck; {working} steps work at a system or wait for one."
    return Health(ok=not wrong, detail=detail, is_doubtful=bool(doubtful))


def _standing_still(seen: Standstill) -> Iterator[str]:
    if seen.cut_short:
        names = ", ".join(seen.cut_short[:_NAMED]) + (" and others" if len(seen.cut_short) > _NAMED else "")
        yield (
            f"{len(seen.cut_short)} cases were cut short and no process works on them ({names}); "
            "start `rightsflow up` or the cluster's keeper, or run each with `rightsflow run`."
        )
    if seen.unstarted:
        waiting = f"{seen.unstarted} cases wait to be started and no keeper runs"
        yield f"{waiting}; start `rightsflow up` or `rightsflow service keep`."
