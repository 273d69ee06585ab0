"""Systems never tried before: Trac, Roundup, django-oscar and Znuny, filled by their own means, and a schema."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from proofs.strangers import operator, tables
from proofs.strangers.households import AGENT, HOUSEHOLDS, AfterSales, Household, Plan, Scenes, populate
from proofs.strangers.people import Population
from proofs.strangers.planted import NOTE, Held, Marks, Row, Rule, Snapshot, of_folder
from proofs.strangers.proposed import BLANKED, LINKS, PLANTED, PROPOSED, proposed
from proofs.strangers.world import Say, World
from tests.support.peers.mariadb import running_mariadb
from tests.support.peers.postgres import running_postgres
from tests.support.peers.znuny import made_znuny

PEERS = Path(__file__).parents[2] / ".peers"
_LONGEST_SECONDS = 1800


def run_peer(name: str, folder: Path, given: Plan, *words: str, **environment: str) -> Any:
    given_at, answer_at = folder / "given.json", folder / "answer.json"
    given_at.write_text(json.dumps(given), encoding="utf-8")
    call_peer(*words, str(given_at), str(answer_at), what=name, environment=environment)
    return json.loads(answer_at.read_text(encoding="utf-8"))


def call_peer(
    *words: str, what: str, given: bytes = b"", cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> None:
    ours, longest = {**os.environ, **(environment or {})}, _LONGEST_SECONDS
    done = subprocess.run(words, cwd=cwd, env=ours, input=given, capture_output=True, timeout=longest, check=False)
    if done.returncode:
        raise RuntimeError(f"{what}: {done.stderr.decode()[-1500:]}")


def python_of(name: str) -> str:
    python = PEERS / name / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{name} is not installed: make strangers-peers")
    return str(python)


_FILL = Path(__file__).parent / "fill"


@dataclass(frozen=True, slots=True)
class Base:
    """A database of a strange system, as its owner sees it."""

    url: str
    role_url: str
    kind: str
    details: Mapping[str, str]

    def run(self, *statements: str) -> None:
        with sa.create_engine(self.url, poolclass=NullPool).begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self, leave_out: Iterable[str] = ()) -> dict[str, dict[str, str]]:
        """Return every row of every table, by table and primary key, in texts."""
        engine, held = sa.create_engine(self.url, poolclass=NullPool), {}
        with engine.connect() as connection:
            inspector, passed_over = sa.inspect(connection), set(leave_out)
            for table in sorted(set(inspector.get_table_names()) - passed_over):
                key = inspector.get_pk_constraint(table)["constrained_columns"]
                quoted = engine.dialect.identifier_preparer.quote(table)
                for row in connection.exec_driver_sql(f"SELECT * FROM {quoted}").mappings():
                    texts = {name: _text(value) for name, value in row.items()}
                    named = [texts[name] for name in key or texts]
                    held[f"{table}/{'/'.join(named)}"] = texts
        return held


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Given:
    """What a system is filled with."""

    plan: Plan
    houses: Sequence[Household]
    marks: Marks


Make = Callable[[Path, Base, Given], Path | None]
"""Makes and fills a system; gives where its files lie, if it keeps any."""
Planning = Callable[[Scenes], Iterable[Plan]]
"""What a system is filled with, of one household; nothing where it takes the households themselves."""


@dataclass(frozen=True, slots=True)
class Strange:
    """One of the systems."""

    name: str
    make: Make
    tables: str
    views: Sequence[str]
    server: str
    plan: Planning
    links: Mapping[str, str]
    blanked: Mapping[str, frozenset[str]]
    own: tuple[str, ...] = ()


@contextmanager
def strange_world(
    folder: Path, say: Say, households: int = HOUSEHOLDS, only: Sequence[str] = (), *, server: str = "", asking: int = 0
) -> Iterator[World]:
    """Start the systems and fill them; without a choice those whose sections were written by hand."""
    only = only or [one.name for one in STRANGE if one.name not in PROPOSED]
    (population, houses), marks = populate(households, asking), Marks()
    with ExitStack() as stack:
        running: dict[str, Callable[[], AbstractContextManager[Any]]] = {
            "postgres": running_postgres,
            "mariadb": running_mariadb,
            "sqlite": nullcontext,
        }
        needed = {server or one.server for one in STRANGE if one.name in only}
        servers: dict[str, Any] = {name: stack.enter_context(running[name]()) for name in sorted(needed)}
        systems, sections = [], []
        for one in STRANGE:
            if one.name not in only:
                continue
            below = folder / one.name
            below.mkdir()
            kind = server or one.server
            base = _base(stack, servers[kind], kind, below)
            held, section = _fill(one, below, base, (population, houses, marks), say)
            say(f"{one.name}: filled")
            systems.append(held)
            sections.append(section)
        yield World(population, marks, tuple(systems), {}, operator.head() + "".join(sections))


def _base(stack: ExitStack, server: Any, kind: str, folder: Path) -> Base:
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'database.db'}"
        return Base(url, url, kind, {})
    database = stack.enter_context(server.database())
    if kind == "postgres":
        details = {"NAME": database.name, "USER": "postgres", "HOST": server.socket}
        url = database.url().replace("postgresql:", "postgresql+psycopg:")
        return Base(url, database.url("rightsflow"), kind, details)
    details = {"NAME": database.name, "HOST": str(server.socket)}
    return Base(database.url().replace("mysql:", "mysql+pymysql:"), database.url("rightsflow"), kind, details)


def _fill(
    one: Strange, folder: Path, base: Base, everybody: tuple[Population, Sequence[Household], Marks], say: Say
) -> tuple[Held, str]:
    population, houses, marks = everybody
    people = [_described(one.name, person, marks) for person in population.people]
    items = [item for house in houses for item in one.plan(Scenes(one.name, house, marks))]
    given = Given({"people": people, "tickets": items, "orders": items}, houses, marks)
    stored = one.make(folder, base, given)
    if one.name == "trac":
        _say_where(base)
    base.run(*one.views)
    (folder / "url").write_text(base.url.replace("mysql+pymysql:", "mysql:"), encoding="utf-8")
    texts = one.tables or proposed(one.name, f"file:{folder}/url", say)
    names = re.findall(r'^name += "(\w+)"', texts, re.MULTILINE)
    base.run(*_rights(base, names))
    (folder / "url").write_text(base.role_url, encoding="utf-8")
    files = f"files = {json.dumps(stored.as_uri())}\n" if stored else ""
    head = f'\n[systems.{one.name}]\nconnector = "sql"\nurl = "file:{folder}/url"\n{files}may_be_empty = true\n'
    return _held(one, base, stored, marks, population), head + operator.RECORD + texts


def _described(system: str, person: Any, marks: Marks) -> Plan:
    about = {
        name: getattr(person, name) for name in ("number", "first", "last", "name", "emails", "phones", "customer")
    }
    planted = {what: marks.own(system, person.number, what) for what in PLANTED.get(system, ())}
    if system in PROPOSED:
        # By a name alone no one is found.
        if system != "bottlecrm":
            planted["token"] = marks.plant(system, f"{person.number}: token", [person.number], given=[])
        planted["bare"] = marks.plant(system, f"{person.number}: name alone", [person.number], given=[], erased=[])
    return {**about, **planted, "login": login(person.number), "alternates": []}


def login(number: int) -> str:
    return f"u{number:03}z"


def _rights(base: Base, tables: Sequence[str]) -> list[str]:
    if base.kind == "sqlite":
        return []
    if base.kind == "postgres":
        role = "DO $$ BEGIN CREATE ROLE rightsflow LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        return [role, *(f'GRANT SELECT, UPDATE, DELETE ON "{table}" TO rightsflow' for table in tables)]
    user, name = "rightsflow@localhost", base.details["NAME"]
    made = [f"CREATE USER IF NOT EXISTS {user}", f"GRANT REFERENCES, SHOW VIEW ON {name}.* TO {user}"]
    return made + [f"GRANT SELECT, UPDATE, DELETE ON {name}.{table} TO {user}" for table in tables]


def _held(one: Strange, base: Base, stored: Path | None, marks: Marks, population: Population) -> Held:
    people = {login(person.number): person.number for person in population.people}
    people |= {email: number for number, email in _own_addresses(population)}

    told: dict[int, tuple[Row, frozenset[int]]] = {}

    def owners(row: Row) -> frozenset[int]:
        if id(row) not in told:
            told[id(row)] = row, _owners(row)
        return told[id(row)][1]

    def _owners(row: Row) -> frozenset[int]:
        stored_in = {name: value for name, value in row.items() if not name.startswith(NOTE)}
        hangs_on = frozenset(people[who] for who in [row.get("?of", "")] if who in people)
        if "?both" in row:
            return marks.owners_of(stored_in) | hangs_on
        return marks.owners_of(stored_in) or hangs_on or marks.owners_of(row)

    def snapshot() -> Snapshot:
        rows, files = base.rows(one.own), of_folder(stored) if stored else {}
        _note(one, rows)
        for row in rows.values():
            for value in list(row.values()):
                if f"files/{value}" in files:
                    row["?file"] = files[f"files/{value}"]["content"]
        return rows | files

    tables = {place.partition("/")[0] for place in base.rows(one.own)} | {"files"}
    rules = {table: Rule(owners, one.blanked.get(table, frozenset())) for table in tables}
    return Held(one.name, rules, snapshot)


def _own_addresses(population: Population) -> Iterator[tuple[int, str]]:
    for person in population.people:
        yield person.number, person.emails[0]
        yield person.number, f"{person.name} <{person.emails[0]}>"
        yield person.number, f'"{person.name}" <{person.emails[0]}>'
        yield person.number, person.customer


def _note(one: Strange, rows: dict[str, dict[str, str]]) -> None:
    by_table: dict[str, dict[str, dict[str, str]]] = {}
    for place, row in rows.items():
        table, _, key = place.partition("/")
        by_table.setdefault(table, {})[key] = row
    for table, path in one.links.items():
        for row in by_table.get(table.rstrip("+"), {}).values():
            if table.endswith("+"):
                row["?both"] = ""
            row["?of"] = next(filter(None, (_followed(row, one, by_table) for one in path.split(" | "))), "")


def _followed(row: dict[str, str], path: str, by_table: dict[str, dict[str, dict[str, str]]]) -> str:
    """Return what is at the end of a path over the tables; the rows on its way are noted.

    ``number@table?kind`` leads from a number to that table where the column ``kind`` names it;
    ``number@table.column=word`` to the row that has the number in that column and the word in another.
    """
    at: Mapping[str, str] | None = row
    value = ""
    for step in map(str.strip, path.split(">")):
        column, _, target = step.partition("@")
        other, _, kind = target.partition("?")
        value = at.get(column, "") if at and (not kind or at.get(kind) == other) else ""
        at = _rows_by(other, by_table).get(value) if other else None
        if other and at is not None:
            row[f"?{other}"] = " ".join(text for name, text in at.items() if not name.startswith(NOTE))
    return value


def _rows_by(place: str, by_table: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, str]]:
    if place not in by_table:
        named, _, word = place.partition("=")
        table, _, column = named.partition(".")
        by_table[place] = {row[column]: row for row in by_table.get(table, {}).values() if word in row.values()}
    return by_table[place]


# --------------------------------------------------------------------------- the systems
def _trac(folder: Path, base: Base, given: Given) -> Path:
    reached = f"postgres://postgres@/{base.details['NAME']}?host={base.details['HOST']}"
    plan = given.plan | {"database": reached, "folder": str(folder / "env")}
    run_peer("Trac", folder, plan, python_of("trac"), str(_FILL / "fill_trac.py"))
    return folder / "env" / "files" / "attachments"


def _say_where(base: Base) -> None:
    base.run("ALTER TABLE attachment ADD rf_path text NOT NULL DEFAULT ''")
    for row in [row for place, row in base.rows().items() if place.startswith("attachment/")]:
        folder, name = (hashlib.sha1(row[of].encode()).hexdigest() for of in ("id", "filename"))
        path = f"ticket/{folder[:3]}/{folder}/{name}{Path(row['filename']).suffix}"
        name = row["filename"].replace("'", "''")
        base.run(f"UPDATE attachment SET rf_path = '{path}' WHERE id = '{row['id']}' AND filename = '{name}'")


def _roundup(folder: Path, base: Base, given: Given) -> Path:
    home, admin = folder / "tracker", [python_of("roundup").replace("/python", "/roundup-admin"), "-i"]
    call_peer(*admin, str(home), "install", "classic", "postgresql", what="Roundup")
    configured = (home / "config.ini").read_text(encoding="utf-8")
    for name, value in (
        ("domain", "care.example.com"),
        ("web", "http://127.0.0.1/"),
        ("user", "postgres"),
        ("password", "x"),
    ):
        configured = re.sub(rf"(?m)^#?{name} =.*$", f"{name} = {value}", configured)
    configured = re.sub(r"(?m)^#?name = roundup$", f"name = {base.details['NAME']}", configured)
    configured = re.sub(r"(?m)^#?host = localhost$", f"host = {base.details['HOST']}", configured)
    configured = re.sub(r"(?m)^#?host = *$", "host = localhost", configured)
    (home / "config.ini").write_text(configured, encoding="utf-8")
    for name in ("nosyreaction.py", "messagesummary.py"):  # They would send mails.
        (home / "detectors" / name).unlink()
    # It insists on making its database itself.
    maintenance = base.url.replace(f"/{base.details['NAME']}?", "/postgres?")
    with sa.create_engine(maintenance, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{base.details["NAME"]}"')
    call_peer(*admin, str(home), "initialise", "admin", what="Roundup")
    nobody = {"phones": [""], "alternates": [], "emails": ["agnes@care.example.com"], "name": "Agnes"}
    accounts = [*given.plan["people"], {**nobody, "number": AGENT, "login": AGENT}]
    tickets = []
    for number, ticket in enumerate(given.plan["tickets"]):
        author = ticket["author"]
        if author is None:
            author = f"unclear{number}"
            address = ticket["email"] or f"{author}@erased.example.com"
            named = {"number": author, "login": author, "name": "", "emails": [address], "phones": [ticket["phone"]]}
            accounts.append(nobody | named)
        messages = [one if one["author"] is not None else one | {"author": author} for one in ticket["messages"]]
        tickets.append(ticket | {"author": author, "messages": messages})
    plan = {"people": accounts, "tickets": tickets, "folder": str(home)}
    run_peer("Roundup", folder, plan, python_of("roundup"), str(_FILL / "fill_roundup.py"))
    return home / "db"


def _oscar(folder: Path, base: Base, given: Given) -> None:
    plan = given.plan | {"database": dict(base.details)}
    run_peer("django-oscar", folder, plan, python_of("oscar"), str(_FILL / "fill_oscar.py"))


def _znuny(folder: Path, base: Base, given: Given) -> None:
    znuny = made_znuny(folder / "home", base.details["HOST"], base.details["NAME"])
    agent = {"number": AGENT, "name": "Care", "emails": ["care@care.example.com"]}
    znuny.run(_FILL / "fill_znuny.pl", given.plan | {"people": [*given.plan["people"], agent]})


def _woocommerce(folder: Path, base: Base, given: Given, *, posts: bool = False) -> None:
    plugin = PEERS / "woocommerce"
    if not (plugin / "woocommerce.php").exists() or not Path("/usr/share/wordpress").exists():
        pytest.skip("WordPress is not installed, or .peers/woocommerce is not the plugin's folder")
    (folder / "wp-content" / "plugins").mkdir(parents=True)
    (folder / "wp-content" / "plugins" / "woocommerce").symlink_to(plugin.resolve())
    database = {"NAME": base.details["NAME"], "HOST": f"localhost:{base.details['HOST']}"}
    plan = given.plan | {"database": database, "folder": str(folder), "posts": posts}
    for act in ("install", "fill"):
        run_peer("WooCommerce", folder, plan, "php", str(_FILL / "fill_woocommerce.php"), act)


def _bottlecrm(folder: Path, base: Base, given: Given) -> Path:
    media = folder / "media"
    media.mkdir()
    plan = given.plan | {"database": dict(base.details), "folder": str(media)}
    run_peer("BottleCRM", folder, plan, python_of("bottlecrm"), str(_FILL / "fill_bottlecrm.py"))
    return media


def _asdb(folder: Path, base: Base, given: Given) -> Path:
    files = folder / "files"
    files.mkdir()
    database = AfterSales("asdb", given.marks, files)
    for house in given.houses:
        database.add(house)
    with sa.create_engine(base.url, poolclass=NullPool).begin() as connection:
        database.write(connection)
    return files


def _rows(text: str) -> dict[str, str]:
    return {
        table.strip(): words.strip() for table, _, words in (line.partition(":") for line in text.strip().splitlines())
    }


def _strange(name: str, make: Make, server: str, plan: Planning, links: str, blanked: str, own: str = "") -> Strange:
    links, blanked = links or LINKS.get(name, ""), blanked or BLANKED.get(name, "")
    columns = {table: frozenset(words.split()) for table, words in _rows(blanked).items()}
    texts, views = "" if name in PROPOSED else tables.tables(name), tables.views(name)
    return Strange(name, make, texts, views, server, plan, _rows(links), columns, tuple(own.split()))


STRANGE = (
    _strange(
        *("asdb", _asdb, "mariadb", lambda _: ()),
        """device_owner: cust_no
        repair_order: cust_no
        cust_contact: cust_no
        call_recording: call_id@call_log >
        ticket_message: ticket_id@ticket > cust_no
        attachment_link: ref_id@ticket_message?ref_table > ticket_id@ticket > cust_no""",
        "device: remark\nservice_contract: memo",
    ),
    _strange(
        *("trac", _trac, "postgres", Scenes.tickets),
        """session: sid
        session_attribute: sid
        ticket_change: author
        attachment: author
        ticket_custom: ticket@ticket > reporter""",
        "ticket: reporter summary description",
        "wiki report cache enum component milestone version permission",
    ),
    _strange(
        *("roundup", _roundup, "postgres", Scenes.tickets),
        """_user: _username
        _msg: _author@_user > _username
        _file: _creator@_user > _username
        issue_nosy: linkid@_user > _username
        issue_messages: linkid@_msg > _author@_user > _username
        issue_files: linkid@_file > _creator@_user > _username""",
        "_user: _username _address _phone _realname\n_issue: _title",
        "otks sessions schema dual _status _priority status__journal priority__journal",
    ),
    _strange(
        *("oscar", _oscar, "postgres", Scenes.orders),
        """auth_user: username
        basket_basket:
        order_line: order_id@order_order > user_id@auth_user > username | order_id@order_order > guest_email
        order_order: user_id@auth_user > username | guest_email""",
        """auth_user: username email first_name last_name
        order_order: user_id guest_email
        order_line: title
        order_shippingaddress: first_name last_name line1 phone_number notes search_text""",
        "django_migrations django_session auth_permission django_content_type",
    ),
    _strange(
        *("woocommerce", _woocommerce, "mariadb", Scenes.orders, "", ""),
        "wp_options wp_actionscheduler_actions wp_actionscheduler_logs",
    ),
    # Orders as posts with a row for each field, as shops have them that were made before 2023.
    _strange(
        *("shopposts", partial(_woocommerce, posts=True), "mariadb", Scenes.orders, "", ""),
        "wp_options wp_actionscheduler_actions wp_actionscheduler_logs",
    ),
    _strange(
        *("bottlecrm", _bottlecrm, "postgres", Scenes.tickets),
        *("", ""),
        "django_migrations django_session auth_permission django_content_type",
    ),
    # The numbers of Znuny's articles and of their texts are the same here.
    _strange(
        *("znuny", _znuny, "mariadb", Scenes.tickets),
        """customer_user: login
        dynamic_field_value: object_id@ticket > customer_user_id
        ticket: customer_user_id
        article: ticket_id@ticket > customer_user_id
        article_search_index: article_id@article_data_mime > a_from
        ticket_history: article_id@article_data_mime > a_from | ticket_id@ticket > customer_user_id""",
        "ticket: title customer_id customer_user_id\narticle: insert_fingerprint",
    ),
)
