"""The tables of Redmine 6.0 and Kamailio 6.0 as they are, and how both fill them, for where neither is installed.

``make proof-strangers`` fills the real ones; here the same plans are written into the same columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from proofs.strangers.people import OWN_NUMBER
from tests.support.peers.kamailio import Call
from tests.support.peers.postgres import PostgresDatabase

REDMINE = """
CREATE TABLE users (id serial PRIMARY KEY, login varchar NOT NULL DEFAULT '', hashed_password varchar(40) NOT NULL
  DEFAULT '', firstname varchar(30) NOT NULL DEFAULT '', lastname varchar(255) NOT NULL DEFAULT '', admin boolean NOT
  NULL DEFAULT false, status integer NOT NULL DEFAULT 1, language varchar(5) DEFAULT '', created_on timestamp, type
  varchar, mail_notification varchar NOT NULL DEFAULT '', salt varchar(64));
CREATE TABLE email_addresses (id serial PRIMARY KEY, user_id integer NOT NULL, address varchar NOT NULL, is_default
  boolean NOT NULL DEFAULT false, notify boolean NOT NULL DEFAULT true, created_on timestamp NOT NULL DEFAULT now());
CREATE TABLE user_preferences (id serial PRIMARY KEY, user_id integer NOT NULL DEFAULT 0, others text, hide_mail
  boolean DEFAULT true, time_zone varchar);
CREATE TABLE custom_fields (id serial PRIMARY KEY, type varchar(30) NOT NULL DEFAULT '', name varchar(30) NOT NULL
  DEFAULT '', field_format varchar(30) NOT NULL DEFAULT '');
CREATE TABLE custom_values (id serial PRIMARY KEY, customized_type varchar(30) NOT NULL DEFAULT '', customized_id
  integer NOT NULL DEFAULT 0, custom_field_id integer NOT NULL DEFAULT 0, value text);
CREATE TABLE issues (id serial PRIMARY KEY, tracker_id integer NOT NULL DEFAULT 1, project_id integer NOT NULL DEFAULT
  1, subject varchar NOT NULL DEFAULT '', description text, status_id integer NOT NULL DEFAULT 1, author_id integer NOT
  NULL, lock_version integer NOT NULL DEFAULT 0, created_on timestamp, updated_on timestamp, done_ratio integer NOT NULL
  DEFAULT 0);
CREATE TABLE journals (id serial PRIMARY KEY, journalized_id integer NOT NULL DEFAULT 0, journalized_type varchar(30)
  NOT NULL DEFAULT '', user_id integer NOT NULL DEFAULT 0, notes text, created_on timestamp NOT NULL, private_notes
  boolean NOT NULL DEFAULT false);
CREATE TABLE journal_details (id serial PRIMARY KEY, journal_id integer NOT NULL DEFAULT 0, property varchar(30) NOT
  NULL DEFAULT '', prop_key varchar(30) NOT NULL DEFAULT '', old_value text, value text);
CREATE TABLE attachments (id serial PRIMARY KEY, container_id integer, container_type varchar(30), filename varchar NOT
  NULL DEFAULT '', disk_filename varchar NOT NULL DEFAULT '', filesize bigint NOT NULL DEFAULT 0, content_type varchar
  DEFAULT '', digest varchar(64) NOT NULL DEFAULT '', downloads integer NOT NULL DEFAULT 0, author_id integer NOT NULL
  DEFAULT 0, created_on timestamp, description varchar, disk_directory varchar);
CREATE TABLE watchers (id serial PRIMARY KEY, watchable_type varchar NOT NULL DEFAULT '', watchable_id integer NOT NULL
  DEFAULT 0, user_id integer);
INSERT INTO custom_fields (type, name) VALUES ('UserCustomField', 'Phone'), ('UserCustomField', 'Customer number'),
  ('IssueCustomField', 'Call back');
ALTER SEQUENCE users_id_seq RESTART 5;
"""

_ACC = """id serial PRIMARY KEY, method varchar(16) NOT NULL DEFAULT '', from_tag varchar(128) NOT NULL DEFAULT '',
  to_tag varchar(128) NOT NULL DEFAULT '', callid varchar(255) NOT NULL DEFAULT '', sip_code varchar(3) NOT NULL DEFAULT
  '', sip_reason varchar(128) NOT NULL DEFAULT '', time timestamp NOT NULL, src_user varchar(64) NOT NULL DEFAULT '',
  src_domain varchar(128) NOT NULL DEFAULT '', src_ip varchar(64) NOT NULL DEFAULT '', dst_ouser varchar(64) NOT NULL
  DEFAULT '', dst_user varchar(64) NOT NULL DEFAULT '', dst_domain varchar(128) NOT NULL DEFAULT '',
  subject varchar(128) NOT NULL DEFAULT ''"""
KAMAILIO = f"""
CREATE TABLE acc ({_ACC});
CREATE TABLE missed_calls ({_ACC});
CREATE TABLE acc_cdrs (id serial PRIMARY KEY, start_time timestamp NOT NULL, end_time timestamp NOT NULL, duration real
  NOT NULL DEFAULT 0, caller varchar(128) NOT NULL DEFAULT '', callee varchar(128) NOT NULL DEFAULT '', callid
  varchar(128) NOT NULL DEFAULT '', subject varchar(128) NOT NULL DEFAULT '');
"""


class Tickets:
    """Fills Redmine's tables with a plan as Redmine does.

    Args:
        database: An empty database.
        files: An empty folder for attachments.
    """

    def __init__(self, database: PostgresDatabase, files: Path) -> None:
        self._database, self._files = database, files
        self._stored: dict[str, tuple[str, str]] = {}
        self._numbers = count(1)

    def fill(self, plan: dict[str, Any]) -> dict[str, int]:
        """Write everything; gives the users' numbers by login."""
        with self._database.server.admin(self._database.name) as admin:
            admin.execute(REDMINE)
            with admin.transaction():
                users = {one["key"]: self._person(admin, one) for one in plan["people"]}
                for number, page in enumerate(plan["pages"], 1):
                    self._attach(
                        admin, page["files"], "WikiPage", number, users[page["author"]], "2026-01-02T10:00:00Z"
                    )
                issues = [(self._issue(admin, one, users), one) for one in plan["issues"]]
                for issue, one in issues:
                    for note in one["notes"]:
                        self._note(admin, issue, note, users)
        return users

    def _person(self, admin: psycopg.Connection, one: dict[str, Any]) -> int:
        columns = {"login": one["login"], "firstname": one["first"], "lastname": one["last"], "type": "User"}
        user = _insert(admin, "users", **columns)
        for number, address in enumerate(one["emails"]):
            _insert(admin, "email_addresses", user_id=user, address=address, is_default=not number)
        _insert(admin, "user_preferences", user_id=user, others="--- {}")
        for field, value in ((1, one["phone"]), (2, one["customer"])):
            if value:
                _insert(
                    admin,
                    "custom_values",
                    customized_type="Principal",
                    customized_id=user,
                    custom_field_id=field,
                    value=value,
                )
        return user

    def _issue(self, admin: psycopg.Connection, one: dict[str, Any], users: dict[str, int]) -> int:
        author = users[one["author"]]
        issue = _insert(
            admin, "issues", subject=one["subject"], description=one["text"], author_id=author, created_on=one["at"]
        )
        _insert(
            admin,
            "custom_values",
            customized_type="Issue",
            customized_id=issue,
            custom_field_id=3,
            value=one["callback"],
        )
        for login in one["watchers"]:
            _insert(admin, "watchers", watchable_type="Issue", watchable_id=issue, user_id=users[login])
        self._attach(admin, one["files"], "Issue", issue, author, one["at"])
        return issue

    def _note(self, admin: psycopg.Connection, issue: int, note: dict[str, Any], users: dict[str, int]) -> None:
        author = users[note["author"]]
        journal = _insert(
            admin,
            "journals",
            journalized_id=issue,
            journalized_type="Issue",
            user_id=author,
            notes=note["text"],
            created_on=note["at"],
            private_notes=note["private"],
        )
        for number, name in self._attach(admin, note["files"], "Issue", issue, author, note["at"]):
            _insert(
                admin, "journal_details", journal_id=journal, property="attachment", prop_key=str(number), value=name
            )

    def _attach(
        self, admin: psycopg.Connection, files: list[dict[str, str]], kind: str, container: int, author: int, at: str
    ) -> list[tuple[int, str]]:
        """Attach files; one whose content is there already is stored no second time."""
        attached = []
        for one in files:
            content = one["content"].encode()
            digest = hashlib.sha256(content).hexdigest()
            if digest not in self._stored:
                folder, name = (
                    at[:7].replace("-", "/"),
                    f"{at[2:10].replace('-', '')}{next(self._numbers):06}_{one['name']}",
                )
                (self._files / folder).mkdir(parents=True, exist_ok=True)
                (self._files / folder / name).write_bytes(content)
                self._stored[digest] = folder, name
            folder, name = self._stored[digest]
            number = _insert(
                admin,
                "attachments",
                container_id=container,
                container_type=kind,
                filename=one["name"],
                disk_filename=name,
                disk_directory=folder,
                digest=digest,
                filesize=len(content),
                author_id=author,
                created_on=at,
            )
            attached.append((number, one["name"]))
        return attached


def fill_calls(database: PostgresDatabase, calls: Sequence[Call]) -> None:
    """Account calls as Kamailio does.

    Args:
        database: An empty database.
        calls: The calls.
    """
    with database.server.admin(database.name) as admin:
        admin.execute(KAMAILIO)
        with admin.transaction():
            for number, call in enumerate(calls, 1):
                _account(admin, number, call)


def _account(admin: psycopg.Connection, number: int, call: Call) -> None:
    at, callid = f"2026-05-04 10:{number // 60 % 60:02}:{number % 60:02}", f"{number}-1@127.0.0.1"
    event = {
        "callid": callid,
        "time": at,
        "src_user": call.caller,
        "src_domain": "127.0.0.1",
        "src_ip": "127.0.0.1",
        "dst_ouser": call.callee,
        "dst_user": call.callee,
        "dst_domain": "127.0.0.1",
        "subject": call.subject,
    }
    if not call.is_answered:
        _insert(admin, "missed_calls", method="INVITE", sip_code="486", sip_reason="Busy Here", **event)
        return
    for method in ("INVITE", "BYE"):
        dialled = {"dst_user": "line"} if method == "BYE" and call.callee == OWN_NUMBER else {}
        _insert(admin, "acc", method=method, sip_code="200", sip_reason="OK", **event | dialled)
    _insert(
        admin,
        "acc_cdrs",
        start_time=at,
        end_time=at,
        duration=0.5,
        callid=callid,
        subject=call.subject,
        caller=f"sip:{call.caller}@127.0.0.1:5071",
        callee=f"sip:{call.callee}@127.0.0.1:5070",
    )


def _insert(admin: psycopg.Connection, table: str, **columns: object) -> int:
    query = psycopg.sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        psycopg.sql.Identifier(table),
        psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, columns)),
        psycopg.sql.SQL(", ").join(psycopg.sql.Placeholder() for _ in columns),
    )
    row = admin.execute(query, list(columns.values())).fetchone()
    assert row is not None
    return int(row[0])
