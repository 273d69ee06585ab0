"""A Rightsflow home in a folder of its own, and its command line run in this process."""

from __future__ import annotations

import io
import json
import os
import re
import sqlite3
from collections import Counter
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prefect.context import SettingsContext, get_settings_context
from prefect.settings import PREFECT_API_URL, Settings, temporary_settings
from typer.main import get_command

from deployments.cli import main as cli
from rightsflow import app as composition
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from tests.support.identity import TYPED, confirmed
from tests.support.stores import sqlite_file

ANNA = {"email": "anna.quill@example.com", "phone": "+493023125001", "name": "Anna Quillfeather", "id": "C-10001"}
OPENER, CHECKER, DECIDER = "Olga Opener", "Ida Identity", "Dana Decider"

OPEN = ("open", "--right", "access")
MAIL = ("--email", ANNA["email"])
BY = ("--by", DECIDER)

VALUES = (
    *ANNA.values(),
    "anna.at.example.com",
    "quill@",
    "0000-not-a-phone",
    "1234567890123456",
    "Quillfeather",
    "likes zebra-striped kettles",
)
"""What is typed in the tests of faults and must not come back."""

CRM = """\
[systems.crm]
connector  = "sql"
url        = "file:{url}"
purposes   = ["handling service requests"]
categories = ["contact data"]
source     = "the data subject"
retention  = "24 months"
recipients = "none"
transfers  = "none"
backup_days = 0

[[systems.crm.tables]]
name       = "people"
document_class = "none"
key        = ["id"]
identities = [{{ column = "email", kind = "email" }}, {{ column = "phone", kind = "phone" }}]
"""


_READ = {}
"""The content of the case store whose rows were read last, and the rows."""


@dataclass(frozen=True)
class Said:
    """The result of a command."""

    status: int
    out: str
    err: str

    @property
    def document(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class Home:
    """A home whose only system is a small database.

    Args:
        folder: Where the configuration lies; the home is below it.
    """

    folder: Path

    @property
    def state(self):
        return self.folder / ".rightsflow"

    @property
    def config(self):
        return self.folder / "rightsflow.toml"

    @property
    def people(self):
        return self.folder / "people.db"

    def run(self, *arguments, parts=None):
        """Run a command as a process of its own would: nothing is remembered from the one before."""
        forget()
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            status = cli.run([str(argument) for argument in arguments], command=_command(), parts=parts)
        return Said(status, out.getvalue(), err.getvalue())

    def set_up(self):
        """Make it, with its system; the tables are there before ``init``, which would take longer than most tests."""
        self.state.mkdir(parents=True, mode=0o700)
        (self.state / "cases.db").write_bytes(sqlite_file())
        (self.state / "cases.db").chmod(0o600)
        assert self.run("init").status == 0
        with closing(sqlite3.connect(self.people)) as database, database:
            database.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, phone TEXT, note TEXT)")
            rows = [(1, ANNA["email"], ANNA["phone"], "likes kettles"), (2, "boris.other@example.org", "", "a cook")]
            database.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", rows)
        url = self.folder / "people-url"
        url.write_text(f"sqlite:///{self.people}")
        head, _, _ = self.config.read_text().partition("[systems.")
        self.config.write_text(head + TYPED + CRM.format(url=url))
        return self

    def open(self, right="access", **given):
        options = {"email": ANNA["email"], "by": OPENER} | given
        flags = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", value)]
        return self.run("open", "--right", right, *flags, "--json").document["case"]

    def rows(self):
        """Every row of the case store, to see that nothing was changed."""
        with closing(sqlite3.connect(f"file:{self.state / 'cases.db'}?mode=ro", uri=True)) as database:
            # The same bytes hold the same rows, and are compared in a hundredth of the time.
            if (content := database.serialize()) != _READ.get("content"):
                _READ.update(content=content, rows=list(database.iterdump()))
            return _READ["rows"]

    def names_in_people(self):
        """Whom the system still knows."""
        with closing(sqlite3.connect(self.people)) as database:
            return [email for (email,) in database.execute("SELECT email FROM people ORDER BY id")]

    def overview(self, case_id):
        """The case as ``show`` gives it."""
        return self.run("show", case_id, "--json").document["overview"]

    def outcomes(self, case_id):
        """How many of a case's records ended how."""
        records = self.overview(case_id)["records"]
        return Counter((one["system"], one["kind"], one["outcome"], one["verified"]) for one in records)

    @contextmanager
    def file(self, case_id):
        forget()
        with composition.current_store().case_file(case_id) as file:
            yield file

    @contextmanager
    def changed(self, path, text=None, mode=None):
        """One of the home's files otherwise for the duration of the block: absent, by default."""
        before, rights = path.read_bytes(), path.stat().st_mode
        path.unlink()
        if text is not None or mode is not None:
            path.write_bytes(before if text is None else text.encode())
            path.chmod(mode or rights)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            path.write_bytes(before)
            path.chmod(rights)

    def wait_for_approval(self, case_id):
        """Bring a case to its second gate, as its flow would."""
        forget()
        reach_gate(composition.current_app(), case_id, Gate.IDENTITY)
        record_decision(composition.current_app(), case_id, confirmed(by=CHECKER))
        with composition.current_store().case_file(case_id) as file:
            file.steps.start("resolve", scope=file.identifiers.scope())
            file.steps.finish("resolve", subject=1)
        reach_gate(composition.current_app(), case_id, Gate.APPROVAL)
        return case_id

    def refuse_identity(self, case_id):
        """Let the identity gate refuse a case."""
        forget()
        reach_gate(composition.current_app(), case_id, Gate.IDENTITY)
        details = {"What proof is needed": "a written authority"}
        refusal = Decision(
            gate=Gate.IDENTITY, verdict=Verdict.REFUSED, by=CHECKER, reason="silence", code="R8", details=details
        )
        record_decision(composition.current_app(), case_id, refusal)


@cache
def _command():
    """The command line as built by typer, which a process does once and which takes longer than most commands."""
    return get_command(cli.app)


@contextmanager
def living_in(folder):
    """A home in a folder for the duration of the block, with no Prefect server to talk to."""
    names = ("HOME", "DATABASE_URL", "WORK_URL", "MASTER_KEY", "MASTER_KEY_BEFORE")
    before = {name: os.environ.pop(f"RIGHTSFLOW_{name}", None) for name in names}
    os.environ["RIGHTSFLOW_HOME"] = str(folder / ".rightsflow")
    try:
        with _without_server():
            yield Home(folder)
    finally:
        forget()
        for name, value in before.items():
            os.environ.pop(f"RIGHTSFLOW_{name}", None)
            if value is not None:
                os.environ[f"RIGHTSFLOW_{name}"] = value


@contextmanager
def _without_server():
    """Take the server out of Prefect's settings; that takes as long as most tests, and is done once for each server."""
    context = get_settings_context()
    if context.settings.api.url is None:
        yield
        return
    if not _SERVERLESS or _SERVERLESS[0] is not context.settings:
        with temporary_settings(restore_defaults={PREFECT_API_URL}) as without:
            _SERVERLESS[:] = [context.settings, without]
    with SettingsContext(profile=context.profile, settings=_SERVERLESS[1]):
        yield


_SERVERLESS: list[Settings] = []
"""Prefect's settings with a server, and the same without it."""


def forget():
    """Let the next command read the environment and the configuration anew."""
    for remembered in (composition._store_of_environment, composition._app_of_environment):
        remembered.cache_clear()


def assert_one_sentence(said, status):
    """One line on stderr that is made for people, quotes nothing they typed, and is alone."""
    assert (said.status, said.out) == (status, "")
    assert said.err.count("\n") == 1
    assert re.fullmatch(r"[A-Zr].{15,600}[.)]\n", said.err)
    assert "Traceback" not in said.err
    assert not re.search(r"\w+(Error|Exception)\b", said.err)
    assert not [value for value in VALUES if value in said.err]
