"""Systems in real SQLite databases, in the place of the bench's fakes, and cases played on them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

from connectors.registry import ControllerPlace
from connectors.sql import SqlConnector, SqlSettings
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.gates.decisions import Gate

RECORD_OF_PROCESSING = {
    "purposes": ["orders"],
    "categories": ["customer data"],
    "source": "the data subject",
    "recipients": "none",
    "retention": "24 months",
    "transfers": "none",
}


def with_databases(bench, folder, monkeypatch, systems, **controller):
    """Let the bench work with these databases alone.

    Args:
        bench: The bench.
        folder: Where the databases lie.
        monkeypatch: Sets their addresses in the environment.
        systems: For each system its script, and the keys of its section; ``tables`` at least.
        controller: What else is true of the controller.

    Returns:
        Their files, by the systems' names.
    """
    files, connectors, sections = {}, {}, {}
    own = bench.runtime.settings.controller.model_copy(update=controller)
    for name, (script, section) in systems.items():
        files[name] = folder / f"{name}.sqlite"
        with closing(sqlite3.connect(files[name])) as connection:
            connection.executescript(script)
        variable = f"TEST_{name.upper()}_URL"
        monkeypatch.setenv(variable, f"sqlite:///{files[name]}")
        given = RECORD_OF_PROCESSING | {"connector": "sql", "url": f"env:{variable}"} | section
        sections[name] = SqlSettings.model_validate(given)
        place = ControllerPlace(country=own.country, timezone=own.timezone)
        connectors[name] = SqlConnector(name, sections[name], place, lambda: bench.moment[0])
    settings = bench.runtime.settings.model_copy(update={"controller": own})
    bench.runtime = replace(bench.runtime, settings=settings, connectors=connectors, systems=sections)
    return files


def rows(file, query):
    """What a database holds now."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.execute(query))


def searched(bench, right, **fields):
    """A case whose person is identified and searched for."""
    case_id = bench.open(right, **fields)
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    search(case_id)
    return case_id


def search(case_id):
    """Search all systems to the fixpoint."""
    app = current_app()
    for _ in range(6):
        for system in app.connectors:
            locate_records(app, case_id, system)
        if not resolve_identifiers(app, case_id).learnt:
            return
    raise AssertionError("no fixpoint")


def answered(bench, right, **fields):
    """A case whose answer is written and not sent."""
    case_id = searched(bench, right, **fields)
    answer(bench, case_id, right)
    return case_id


def answer(bench, case_id, right):
    """Prepare, approve, carry out and answer."""
    app = current_app()
    if right == "access":
        copy(case_id)
        assemble_package(app, case_id)
    else:
        prepare_plan(app, case_id)
    reach_gate(app, case_id, Gate.APPROVAL)
    bench.approve(case_id)
    if right != "access":
        settle_plan(app, case_id)
        for system in app.connectors:
            erase_records(app, case_id, system)
            verify_erasure(app, case_id, system)
    write_answer(app, case_id)


def copy(case_id):
    """Copy what is the person's, and mask what is other people's."""
    for system in current_app().connectors:
        extract_records(current_app(), case_id, system)
        redact_third_parties(current_app(), case_id, system)


def letter(bench, case_id, name):
    """The text of a letter."""
    with bench.file(case_id) as file:
        return next(one.body for one in file.outbox.letters() if one.template_id == name)
