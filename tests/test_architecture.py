"""The architecture holds; and each of its rules finds a violation that is planted for it."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path, PurePosixPath

import pytest

from rightsflow.store.tables import REVISION
from tests.support.architecture import (
    COMPOSITION,
    ENTRY,
    LAYERS,
    LONGEST,
    LONGEST_BODY,
    MAY_CLASH,
    PUBLIC,
    PUBLISHES,
    RULES,
    SHARED,
    Rule,
    Source,
    direction,
    docstrings,
    floors,
    names,
    plain_prose,
    sources,
    uses_of_any,
    violations,
    vocabulary,
)
from tests.support.architecture import connectors_apart as apart
from tests.support.architecture import connectors_know_the_domain as domain_only
from tests.support.architecture import flows_through_cases as flows
from tests.support.architecture import plain_words as words
from tests.support.architecture import prefect_internals as internals
from tests.support.architecture import pure_modules as pure
from tests.support.architecture import rooms as between
from tests.support.architecture import short_bodies as bodies
from tests.support.architecture import short_modules as short
from tests.support.architecture import store_is_asked as asked
from tests.support.architecture import systems_are_handed_in as handed
from tests.support.architecture import third_parties as libraries
from tests.support.architecture import time_is_an_argument as present
from tests.support.circles import KEPT_APART, circle, circle_of_rooms
from tests.support.double_names import double_names
from tests.support.patches import LEFT, found_patches, patches

pytestmark = pytest.mark.xdist_group("architecture")
"""In one process, which reads all sources once."""

ROOT = Path(__file__).resolve().parents[1]
MOST_OPEN = 4 / 1000
"""Uses of ``Any`` in a line with something in it."""


def test_the_sources_keep_the_rule() -> None:
    for rule in RULES:
        assert violations(ROOT, rule) == []


def test_the_sources_were_read() -> None:
    read = sources(ROOT)
    assert {source.layer for source in read} == set(LAYERS)
    assert len(read) > 100
    imported = {target for source in read for _, target in source.imports()}
    assert {"rightsflow.store.Store", "connectors.registry.connectors_for", "prefect.task"} <= imported


def test_the_exceptions_are_still_needed() -> None:
    read = {source.module: source for source in sources(ROOT)}
    assert "connectors.registry.connectors_for" in {target for _, target in read[COMPOSITION].imports()}
    assert "deployments.cli.main.main" in {target for _, target in read[f"{ENTRY}.command"].imports()}
    for module, known in PUBLISHES.items():
        used = {target.split(".")[1] for _, target in read[module].imports() if target.startswith("connectors.")}
        assert used - SHARED == known
    assert [path for path in sorted(MAY_CLASH) if not (ROOT / path).is_file()] == []
    assert PUBLIC < SHARED
    assert [name for name in sorted(SHARED) if not (ROOT / "connectors" / f"{name}.py").is_file()] == []


# Rule, file, source: each is against this rule and against no other.
PLANTS: list[tuple[Rule, str, str]] = [
    (floors, "rightsflow/cases/facts/search/x.py", "from rightsflow.cases.work.erasure import erasing"),
    (floors, "rightsflow/cases/facts/search/x.py", "import rightsflow.cases.course.letters"),
    (floors, "rightsflow/cases/work/access/x.py", "from rightsflow.cases.course.gates import gates"),
    (floors, "rightsflow/cases/x.py", "import datetime"),
    (direction, "rightsflow/x.py", "from connectors.registry import connectors_for"),
    (direction, "rightsflow/x.py", "import tasks.locating"),
    (direction, "rightsflow/app.py", "import rightsflow_sandbox.center"),
    (direction, "rightsflow/entry.py", "import deployments"),
    (direction, "connectors/x.py", "from tasks import runtime"),
    (direction, "connectors/sql/x.py", "import flows.access as access"),
    (direction, "tasks/x.py", "from flows.access import access_request"),
    (direction, "flows/x.py", "import deployments"),
    (direction, "tasks/x.py", "def run() -> None:\n    '''Run.'''\n    from deployments.catalogue import all"),
    (direction, "tasks/x.py", "import importlib\nimportlib.import_module('flows.access')"),
    (direction, "tasks/x.py", "from importlib import import_module as load\nload('flows.access')"),
    (direction, "tasks/x.py", "__import__('flows')"),
    (direction, "deployments/x.py", "from rightsflow_sandbox.center import SandboxCenter"),
    (
        direction,
        "deployments/cli/x.py",
        "def demo() -> None:\n    '''Run.'''\n    import rightsflow_sandbox.demo.command",
    ),
    (direction, "rightsflow/entry/x.py", "from rightsflow_sandbox.demo.command import demo"),
    (direction, "connectors/zendesk/x.py", "import rightsflow_sandbox"),
    (libraries, "rightsflow/x.py", "import prefect"),
    (libraries, "rightsflow/store/x.py", "from prefect import flow"),
    (libraries, "rightsflow/config/settings.py", "import requests"),
    (libraries, "rightsflow/domain/erasure/plan.py", "from sqlalchemy import select"),
    (libraries, "rightsflow/vault/x.py", "import boto3"),
    (libraries, "connectors/zendesk/x.py", "import prefect.tasks"),
    (libraries, "connectors/zendesk/x.py", "import sqlalchemy"),
    (libraries, "connectors/transport.py", "from sqlalchemy import create_engine"),
    (libraries, "connectors/sql/x.py", "import stripe"),
    (libraries, "connectors/s3/x.py", "import importlib\nimportlib.import_module(chosen)"),
    (libraries, "tasks/x.py", "import requests"),
    (libraries, "tasks/x.py", "from stripe import StripeClient"),
    (libraries, "tasks/x.py", "import sqlalchemy.orm"),
    (libraries, "flows/x.py", "import requests"),
    (pure, "rightsflow/domain/erasure/plan.py", "import os"),
    (pure, "rightsflow/domain/deadlines/x.py", "from pathlib import Path"),
    (pure, "rightsflow/domain/erasure/retention/x.py", "import urllib.request"),
    (pure, "rightsflow/domain/a_new_module.py", "import socket"),
    (between, "rightsflow/domain/erasure/plan.py", "from rightsflow.store import Store"),
    (between, "rightsflow/domain/deadlines/x.py", "from ...config.settings import load_settings"),
    (between, "rightsflow/domain/erasure/plan.py", "from rightsflow import vault"),
    (between, "rightsflow/documents/letters/x.py", "import rightsflow.store.case.case_file"),
    (between, "rightsflow/audit/x.py", "from rightsflow.vault import MasterKey"),
    (between, "rightsflow/cases/work/x.py", "from rightsflow.app import current_app"),
    (libraries, "rightsflow/app.py", "from prefect.blocks.system import Secret"),
    (between, "rightsflow/store/x.py", "from rightsflow.cases.facts.overview.account import account_of"),
    (between, "sandbox/rightsflow_sandbox/world/x.py", "from rightsflow_sandbox.center import SandboxCenter"),
    (between, "sandbox/rightsflow_sandbox/center.py", "import rightsflow_sandbox.demo.officer"),
    (pure, "rightsflow/domain/vocabulary/states.py", "text = open('x').read()"),
    (pure, "rightsflow/domain/case/x.py", "print('x')"),
    (present, "rightsflow/domain/erasure/plan.py", "from datetime import date\ntoday = date.today()"),
    (present, "rightsflow/domain/erasure/plan.py", "import datetime as d\nnow = d.datetime.now(d.UTC)"),
    (present, "rightsflow/store/x.py", "from datetime import datetime as dt\nnow = dt.utcnow"),
    (present, "rightsflow/vault/x.py", "import time\nseconds = time.time()"),
    (present, "rightsflow/vault/x.py", "from time import monotonic\nseconds = monotonic()"),
    (apart, "connectors/s3/x.py", "from connectors.sql import SqlConnector"),
    (apart, "connectors/s3/x.py", "from connectors import zendesk"),
    (apart, "connectors/s3/x.py", "from ..zendesk import api"),
    (apart, "connectors/zendesk/x.py", "from connectors.transport import GuardedAdapter"),
    (apart, "connectors/stripe/x.py", "from connectors.mail import SmtpServer"),
    (apart, "connectors/http.py", "from connectors.zendesk.client import call"),
    (apart, "connectors/registry.py", "import connectors"),
    (domain_only, "connectors/sql/x.py", "from rightsflow.config.settings import SystemSettings"),
    (domain_only, "connectors/stripe/x.py", "import rightsflow.store"),
    (domain_only, "connectors/s3/x.py", "import rightsflow"),
    (handed, "tasks/x.py", "from connectors.zendesk import ZendeskConnector"),
    (handed, "tasks/x.py", "import connectors"),
    (handed, "tasks/x.py", "from connectors import http"),
    (handed, "tasks/prefect_io/x.py", "from connectors.mail import SmtpServer"),
    (handed, "flows/x.py", "from connectors.registry import connectors_for"),
    (flows, "flows/x.py", "from rightsflow.store import Store"),
    (flows, "flows/x.py", "from rightsflow import vault"),
    (flows, "flows/x.py", "import rightsflow.config.settings"),
    (internals, "deployments/x.py", "from prefect._internal.plugins import collections"),
    (internals, "deployments/worker/x.py", "from prefect.flow_engine import _flow_parameters"),
    (internals, "deployments/front/x.py", "from prefect.server.api.server import create_app"),
    (internals, "flows/x.py", "import prefect.server"),
    (internals, "tasks/prefect_io/x.py", "from prefect import _sdk as sdk"),
    (internals, "deployments/worker/executing.py", "from prefect._flow_run_suspension import FlowRunSuspensionRequest"),
    (names, "flows/calendar.py", ""),
    (names, "flows/tasks.py", ""),
    (names, "flows/calendar/x.py", ""),
    (names, "connectors/rightsflow/x.py", ""),
    (names, "deployments/local/secrets.py", ""),
    (names, "sandbox/rightsflow_sandbox/world/calendar.py", ""),
    (names, "sandbox/rightsflow_sandbox/flows.py", ""),
    (internals, "sandbox/rightsflow_sandbox/x.py", "import prefect.server"),
    (short, "rightsflow/store/x.py", "x = 1\n" * LONGEST),
    (bodies, "flows/x.py", "def run() -> None:\n    '''Run.'''\n" + "    x = 1\n" * (LONGEST_BODY + 1)),
    (words, "rightsflow/x.py", "# Nobody reads this."),
    (words, "rightsflow/x.py", "text = f'{1}: whoever asks'"),
    (words, "rightsflow/x.py", '"""What the search came to."""'),
    (words, "rightsflow/x.py", "# A clock that stands."),
    (words, "flows/x.py", "def run() -> None:\n    '''Wait while the\n\n    clock stands.'''"),
    (docstrings, "flows/x.py", "def run() -> None: ..."),
    (docstrings, "flows/x.py", "async def run() -> None: ..."),
    (docstrings, "tasks/x.py", "class Runtime:\n    x = 1"),
    (docstrings, "tasks/x.py", "class Runtime:\n    '''It runs.'''\n    def run(self) -> None: ..."),
    (docstrings, "tasks/x.py", "class Runtime:\n    '''It runs.'''\n    class Inner: ..."),
    (docstrings, "tasks/x.py", "def run() -> None:\n    ''' '''"),
    (docstrings, "sandbox/rightsflow_sandbox/x.py", "def run() -> None: ..."),
    (asked, "rightsflow/cases/work/x.py", "purging = Purging(app.store.database, app.store.now)"),
    (asked, "tasks/x.py", "with database.transaction() as session: ..."),
    (asked, "deployments/cli/x.py", "board = OpenCases(current_store.database, today)"),
    (vocabulary, "rightsflow/cases/work/x.py", "event = 'StepDone'"),
    (vocabulary, "rightsflow/store/x.py", "event = 'CasePurged'"),
    (vocabulary, "rightsflow/audit/x.py", "answers = {'L9'}"),
    (vocabulary, "rightsflow/cases/work/x.py", "with attempt(app, case_id, 'erase', system): ..."),
    (vocabulary, "rightsflow/cases/work/x.py", "found = one.step == 'locate'"),
    (vocabulary, "rightsflow/store/x.py", "self.steps.take_back('redact')"),
]


def planted(root: Path, path: str, source: str, docstring: str = '"""A module."""\n') -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(docstring + source + "\n", encoding="utf-8")
    return root


def test_a_planted_violation_is_found(tmp_path: Path) -> None:
    for number, (rule, path, source) in enumerate(PLANTS):
        root = planted(tmp_path / str(number), path, source)
        found = violations(root, rule)
        assert len(found) == 1, (rule.__name__, source)
        assert found[0].startswith(path)
        assert violations(root) == found, "and it is against no other rule"
    assert {rule for rule, *_ in PLANTS} == set(RULES)


def test_a_module_has_a_docstring_and_may_be_of_the_longest_length(tmp_path: Path) -> None:
    root = planted(tmp_path / "without", "tasks/x.py", "x = 1", docstring="")
    assert violations(root) == ["tasks/x.py has no docstring"]
    assert violations(planted(tmp_path / "long", "flows/x.py", "x = 1\n" * (LONGEST - 2))) == []


def test_what_is_not_installed_is_as_short() -> None:
    paths = [path for room in ("proofs", "benchmarks", "docs") for path in sorted((ROOT / room).rglob("*.py"))]
    read = [Source(PurePosixPath(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths]
    assert len(read) > 100
    assert [found for source in read for rule in (short, bodies) for found in rule(source)] == []


def test_a_type_is_seldom_left_open() -> None:
    """Of a vendor's JSON a model or a ``TypedDict`` says what is read of it."""
    lines = sum(bool(line.strip()) for source in sources(ROOT) for line in source.text.splitlines())
    assert 0 < sum(map(uses_of_any, sources(ROOT))) <= MOST_OPEN * lines


ALLOWED = [
    (
        "rightsflow/domain/erasure/plan.py",
        "from datetime import date\nfrom rightsflow.domain.erasure.retention import retain_until",
    ),
    ("rightsflow/domain/deadlines/x.py", "from datetime import datetime, time\nnoon = time(12)\nimport holidays"),
    (
        "rightsflow/domain/erasure/plan.py",
        "def until(rules: object) -> None:\n    '''When.'''\n    print_out = rules.today",
    ),
    ("rightsflow/store/x.py", "import sqlalchemy\nfrom rightsflow.vault import CaseKey\nimport os"),
    (
        "connectors/sql/x.py",
        "import sqlalchemy\nfrom connectors.sql.rows import Row\nfrom connectors.registry import ControllerPlace",
    ),
    (
        "connectors/zendesk/x.py",
        "from connectors.settings import SecretRef\nfrom rightsflow.domain.errors import Refused",
    ),
    (
        "connectors/mail.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from _typeshed import ReadableBuffer",
    ),
    ("connectors/s3/x.py", "from . import bucket\nfrom .bucket import Bucket\nimport boto3"),
    ("tasks/x.py", "from rightsflow.store import Store\nimport prefect\nimport time\nseconds = time.time()"),
    ("rightsflow/app.py", "from connectors.mail import SmtpServer\nfrom connectors import registry"),
    ("rightsflow/app.py", "import tasks.locating"),
    (
        "flows/x.py",
        "import prefect\nfrom rightsflow.domain import law\nfrom rightsflow.cases.course.gates import gates",
    ),
    ("rightsflow/entry/x.py", "from deployments.cli.main import main"),
    ("deployments/x.py", "import flows.access\nimport connectors.sql\nimport typer"),
    (
        "sandbox/rightsflow_sandbox/x.py",
        "import deployments.catalogue\nimport localstripe\nimport rightsflow_sandbox.center",
    ),
    ("deployments/internals.py", "from prefect._flow_run_suspension import FlowRunSuspensionRequest"),
    ("rightsflow/testing/x.py", "# Bench(nobody=...)\nnobody = 'nobody'"),
    ("flows/x.py", "def _helper() -> None: ...\nclass _Hidden:\n    def run(self) -> None: ..."),
]


def test_what_is_allowed_is_not_found(tmp_path: Path) -> None:
    for number, (path, source) in enumerate(ALLOWED):
        assert violations(planted(tmp_path / str(number), path, source)) == []


TEMPLATES = ("*.j2", "*.html", "*.template", "*.yaml", "*.yml")


def test_tests_and_templates_use_the_words_of_the_glossary() -> None:
    tested = [path for room in ("tests", "proofs", "benchmarks") for path in sorted((ROOT / room).rglob("*.py"))]
    templates = [
        path
        for room in (*LAYERS[:-1], "sandbox")
        for pattern in TEMPLATES
        for path in sorted((ROOT / room).rglob(pattern))
    ]
    assert len(templates) > 50
    # What the architecture forbids is named there.
    about = {"tests/support/architecture.py", "tests/test_architecture.py"}
    # Sentences as earlier versions signed them.
    about |= {"rightsflow/audit/evidence/templates/earlier.html.j2"}
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in (*tested, *templates)}
    assert [found for path, text in texts.items() if path not in about for found in plain_prose(path, text)] == []


def test_a_word_that_the_glossary_bans_is_found() -> None:
    for path, text in (
        ("tests/x.py", "# Nobody reads this."),
        ("tests/x.py", '"""For\nwhoever asks."""'),
        ("deployments/desk/templates/x.html", "<p>It is not said why.</p>"),
    ):
        assert len(list(plain_prose(path, text))) == 1
    assert list(plain_prose("tests/x.py", "taken = store.take_lease(case_id, 'somebody')")) == [], "these are data"


@pytest.mark.apart
def test_no_further_patch_comes_into_the_tests() -> None:
    """What a test needs to be another one is handed in; what cannot be has its reason in the table."""
    assert found_patches(ROOT) == {path: count for path, (count, _) in LEFT.items()}
    words = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    assert f"{sum(count for count, _ in LEFT.values())} are left" in words


def test_a_patch_is_found_and_the_environment_may_be_set() -> None:
    for text in (
        "monkeypatch.setattr(module, 'LONGEST', 1)",
        "with monkeypatch.context() as patched:\n    patched.setattr('a.b', 1)",
        "monkeypatch.setitem(table, 'a', 1)",
        "with patch.object(module, 'LONGEST', 1): ...",
        "with patch.dict(table, a=1): ...",
        "with mock.patch('a.b'): ...",
    ):
        assert len(patches(text)) == 1
    assert patches("monkeypatch.setenv('A', 'b')\nmonkeypatch.delenv('A')\nmonkeypatch.chdir('x')") == []


def test_no_modules_import_each_other() -> None:
    assert circle(ROOT) == []
    for package in KEPT_APART:
        assert circle_of_rooms(ROOT, package) == []


def test_modules_that_import_each_other_are_found(tmp_path: Path) -> None:
    for number, (one, other) in enumerate(
        (
            ("from tasks.y import b", "from tasks.x import a"),
            ("from tasks import y", "import tasks.x"),
            ("from tasks.y import b", "def late() -> None:\n    from tasks.x import a"),
            ("import importlib\nimportlib.import_module('tasks.y')", "from . import x"),
        )
    ):
        root = tmp_path / str(number)
        planted(root, "tasks/x.py", one)
        planted(root, "tasks/y.py", other)
        assert set(circle(root)) == {"tasks.x", "tasks.y"}, one


def test_rooms_that_import_each_other_are_found(tmp_path: Path) -> None:
    backs = (
        ("above/y.py", "from {package}.below import x"),
        ("above.py", "from {package}.below.x import a"),
        ("between/y.py", "from {package}.above.y import b"),
        ("above/y.py", "def late() -> None:\n    import {package}.below.x"),
    )
    for number, (package, (path, back)) in enumerate(product(KEPT_APART, backs)):
        root, folder, name = tmp_path / str(number), package.replace(".", "/"), path.removesuffix(".py")
        planted(root, f"{folder}/below/x.py", f"from {package}.{name.replace('/', '.')} import b")
        planted(root, f"{folder}/{path}", back.format(package=package))
        planted(root, f"{folder}/above/y.py", f"from {package}.below import z") if "between" in path else None
        assert {"below", name.split("/", maxsplit=1)[0]} <= set(circle_of_rooms(root, package)), (package, path)


def test_a_room_and_a_module_may_be_imported_by_several(tmp_path: Path) -> None:
    planted(tmp_path, "rightsflow/domain/above/x.py", "from rightsflow.domain.below.x import a")
    planted(tmp_path, "rightsflow/domain/above/y.py", "from rightsflow.domain.above.x import b")
    planted(tmp_path, "rightsflow/domain/beside.py", "from rightsflow.domain import above, below")
    planted(tmp_path, "rightsflow/domain/below/x.py", "import os")
    assert circle_of_rooms(tmp_path, "rightsflow.domain") == []
    planted(tmp_path / "modules", "tasks/x.py", "from tasks.z import c")
    planted(tmp_path / "modules", "tasks/y.py", "from tasks.x import a\nfrom tasks.z import c")
    planted(tmp_path / "modules", "tasks/z.py", "import os")
    assert circle(tmp_path / "modules") == []


def test_no_name_means_two_things() -> None:
    """One looks for a module by its name in a layer, and for a class by its name anywhere."""
    assert double_names(ROOT) == []


def test_a_name_that_means_two_things_is_found(tmp_path: Path) -> None:
    for number, (paths, source, found) in enumerate(
        (
            (("flows/x.py", "flows/y/x.py"), "", "flows: module x is in flows/x.py and in flows/y/x.py"),
            (
                ("rightsflow/domain/x.py", "rightsflow/domain/y/x.py"),
                "",
                "rightsflow.domain: module x is in rightsflow/domain/x.py and in rightsflow/domain/y/x.py",
            ),
            (("tasks/x.py", "flows/y.py"), "class Case: ...", "class Case is in tasks/x.py and in flows/y.py"),
            (("rightsflow/store/x.py", "rightsflow/domain/x.py"), "", ""),
            (("connectors/sql/probe.py", "connectors/s3/probe.py"), "class _Case: ...", ""),
        )
    ):
        for path in paths:
            planted(tmp_path / str(number), path, source)
        assert double_names(tmp_path / str(number)) == [found] * bool(found)


def test_the_migrations_are_one_chain():
    """Two that follow the same one stop every store from opening, and no conflict of lines tells of it."""
    found = [
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "rightsflow" / "store" / "migrations" / "versions").glob("rev_*.py"))
    ]
    chain = [re.findall(r'^(?:down_)?revision = (?:"(\d+)"|None)$', text, re.MULTILINE) for text in found]
    numbers = [one[0] for one in chain]
    assert [one[1] for one in chain] == ["", *numbers[:-1]]
    assert numbers[-1] == REVISION
