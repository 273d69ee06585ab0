"""What an operator writes: the configuration of each system, and the role that Rightsflow works with."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import psycopg

from proofs.strangers.people import OWN_NUMBER
from tests.support.identity import TYPED
from tests.support.peers.postgres import PostgresDatabase
from tests.support.peers.seaweedfs import S3Peer

_ROLE = "rightsflow"
RECORD = """purposes   = ["customer care"]
categories = ["service data"]
source     = "the data subject"
recipients = ["Callhouse Lisbon (processor)"]
transfers  = "none"
backup_days = 0
retention  = "24 months"
"""
_OF_FILES = 'document_classes = { file = "none" }\n'
_OF_RECORDINGS = """document_classes = { recording = "none", transcript = "none", screen-recording = "none" }
"""

PEOPLE_VIEW = """
CREATE VIEW rightsflow_people AS
  SELECT id, login, firstname, lastname, CASE WHEN login <> '' THEN id END AS account,
    (SELECT string_agg(address, ' ' ORDER BY id) FROM email_addresses WHERE user_id = users.id) AS addresses,
    (SELECT value FROM custom_values JOIN custom_fields ON custom_fields.id = custom_field_id
      WHERE customized_type = 'Principal' AND customized_id = users.id AND custom_fields.name = 'Phone') AS phone,
    (SELECT value FROM custom_values JOIN custom_fields ON custom_fields.id = custom_field_id
      WHERE customized_type = 'Principal' AND customized_id = users.id AND custom_fields.name = 'Customer number'
    ) AS customer
  FROM users WHERE users.type = 'User';
CREATE RULE blank AS ON UPDATE TO rightsflow_people
  DO INSTEAD UPDATE users SET login = NEW.login, firstname = NEW.firstname, lastname = NEW.lastname WHERE id = OLD.id;
"""
"""Redmine spreads a person over three tables; this view says who is who. Addresses are erased where they lie."""

TICKETS = """
[[systems.tickets.tables]]
document_class = "none"
name       = "rightsflow_people"
kind       = "account"
title      = "accounts"
key        = ["id"]
identities = [
  { column = "addresses", kind = "email" },
  { column = "phone", kind = "phone" },
  { column = "customer", kind = "customer_id" },
  { column = "account", kind = "account_id" },
]
one_person = true
erase      = "blank"
blank      = { login = "", firstname = "", lastname = "", addresses = "", phone = "", customer = "" }
to_null    = ["account"]

[[systems.tickets.tables]]
document_class = "none"
name       = "email_addresses"
title      = "e-mail addresses"
key        = ["id"]
references = [{ column = "user_id", table = "rightsflow_people", to = "id" }]

[[systems.tickets.tables]]
document_class = "none"
name       = "user_preferences"
title      = "preferences"
key        = ["id"]
references = [{ column = "user_id", table = "rightsflow_people", to = "id" }]

[[systems.tickets.tables]]
document_class = "none"
name       = "watchers"
title      = "watched issues"
key        = ["id"]
references = [{ column = "user_id", table = "rightsflow_people", to = "id" }]

[[systems.tickets.tables]]
document_class = "none"
name       = "issues"
title      = "issues"
key        = ["id"]
occurred_at = "created_on"
references = [{ column = "author_id", table = "rightsflow_people", to = "id" }]
erase      = "blank"
blank      = { subject = "", description = "" }

[[systems.tickets.tables]]
document_class = "none"
name       = "journals"
title      = "notes"
key        = ["id"]
occurred_at = "created_on"
references = [
  { column = "user_id", table = "rightsflow_people", to = "id" },
  { column = "journalized_id", table = "issues", to = "id", where = { journalized_type = "Issue" } },
]
author     = "user_id"

[[systems.tickets.tables]]
document_class = "none"
name       = "journal_details"
title      = "changes"
key        = ["id"]
references = [{ column = "journal_id", table = "journals", to = "id" }]

[[systems.tickets.tables]]
document_class = "none"
name       = "custom_values"
title      = "further fields"
key        = ["id"]
references = [
  { column = "customized_id", table = "rightsflow_people", to = "id", where = { customized_type = "Principal" } },
  { column = "customized_id", table = "issues", to = "id", where = { customized_type = "Issue" } },
]

[[systems.tickets.tables]]
document_class = "none"
name       = "attachments"
title      = "attachments"
key        = ["id"]
occurred_at = "created_on"
references = [
  { column = "author_id", table = "rightsflow_people", to = "id" },
  { column = "container_id", table = "issues", to = "id", where = { container_type = "Issue" } },
]
author     = "author_id"
hide       = ["digest", "disk_directory"]
file       = { column = "disk_filename", folder_column = "disk_directory", kind = "file", title = "files" }
"""

HELPDESK = """
[[systems.helpdesk.tables]]
document_class = "none"
name       = "helpdesk_ticket"
title      = "tickets"
key        = ["id"]
occurred_at = "created"
identities = [{ column = "submitter_email", kind = "email" }]
erase      = "blank"
blank      = { submitter_email = "", title = "", description = "" }
hide       = ["secret_key"]

[[systems.helpdesk.tables]]
document_class = "none"
name       = "helpdesk_ticketcustomfieldvalue"
title      = "further fields"
key        = ["id"]
references = [{ column = "ticket_id", table = "helpdesk_ticket", to = "id" }]

[[systems.helpdesk.tables]]
document_class = "none"
name       = "helpdesk_ticketcc"
title      = "copies"
key        = ["id"]
identities = [{ column = "email", kind = "email" }]

[[systems.helpdesk.tables]]
document_class = "none"
name       = "helpdesk_followup"
title      = "messages"
key        = ["id"]
occurred_at = "date"
identities = [{ column = "title", kind = "email" }]
references = [{ column = "ticket_id", table = "helpdesk_ticket", to = "id" }]
author     = "title"

[[systems.helpdesk.tables]]
document_class = "none"
name       = "helpdesk_followupattachment"
title      = "attachments"
key        = ["id"]
references = [{ column = "followup_id", table = "helpdesk_followup", to = "id" }]
file       = { column = "file", kind = "file", title = "files" }
"""

TELEPHONE = """
[[systems.telephone.tables]]
document_class = "none"
name       = "acc"
title      = "call events"
key        = ["id"]
occurred_at = "time"
one_person = false
identities = [
  { column = "src_user", kind = "phone", direction = "incoming" },
  { column = "dst_ouser", kind = "phone", direction = "outgoing" },
  { column = "dst_user", kind = "phone", direction = "outgoing" },
]
blank      = { src_user = "", dst_ouser = "", dst_user = "" }

[[systems.telephone.tables]]
document_class = "none"
name       = "missed_calls"
title      = "missed calls"
key        = ["id"]
occurred_at = "time"
one_person = false
identities = [
  { column = "src_user", kind = "phone", direction = "incoming" },
  { column = "dst_ouser", kind = "phone", direction = "outgoing" },
  { column = "dst_user", kind = "phone", direction = "outgoing" },
]
blank      = { src_user = "", dst_ouser = "", dst_user = "" }

[[systems.telephone.tables]]
document_class = "none"
name       = "acc_cdrs"
title      = "calls"
key        = ["id"]
occurred_at = "start_time"
one_person = false
identities = [
  { column = "caller", kind = "phone", direction = "incoming" },
  { column = "callee", kind = "phone", direction = "outgoing" },
]
blank      = { caller = "", callee = "" }
"""

_STORE = """
[systems.{name}]
connector  = "s3"
bucket     = "{bucket}"
endpoint_url = "{endpoint}"
region     = "us-east-1"
access_key_id = "file:{folder}/{name}-key"
secret_access_key = "file:{folder}/{name}-secret"
{record}
[systems.{name}.match]
by     = "metadata"
keys   = {{ caller = "phone", customer = "customer_id", shop-account = "account_id" }}
"""


_BRAKES = "[brakes]\nday_floor = 1000000\n"
"""All subjects are erased on one day: what would stop a real desk is what the proof wants."""


def head() -> str:
    """The configuration but for its systems, as ``rightsflow init`` writes it."""
    template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
    text = template.partition("[systems.")[0] + TYPED + _BRAKES
    return text.replace('phones = ["+49 30 23125 000"]', f'phones = ["{OWN_NUMBER}"]')


def sql_section(
    name: str, tables: str, database: PostgresDatabase, folder: Path, stored: Path | None = None, view: str = ""
) -> str:
    """The section of a relational system; a role is made that has the rights it needs and no others."""
    if view:
        with database.server.admin(database.name) as admin:
            admin.execute(view)
    host = quote(database.server.socket, safe="")
    (folder / f"{name}-url").write_text(f"postgresql://{_ROLE}@/{database.name}?host={host}", encoding="utf-8")
    _grant(database, [line.split('"')[1] for line in tables.splitlines() if line.startswith("name ")])
    kept = f"files = {json.dumps(stored.as_uri())}\n{_OF_FILES}" if stored else ""
    # Missed calls were all made to the own line, so their other columns hold no number of anybody: that was looked at.
    own = f'own_numbers = ["{OWN_NUMBER}"]\nmay_be_empty = true\n' if "phone" in tables else ""
    url = f'url = "file:{folder}/{name}-url"\n'
    return f'\n[systems.{name}]\nconnector = "sql"\n{url}{kept}{own}{RECORD}{tables}'


def _grant(database: PostgresDatabase, tables: list[str]) -> None:
    role = psycopg.sql.Identifier(_ROLE)
    with database.server.admin(database.name) as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [_ROLE]).fetchone():
            admin.execute(psycopg.sql.SQL("CREATE ROLE {} LOGIN").format(role))
        names = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, tables))
        admin.execute(psycopg.sql.SQL("GRANT SELECT, UPDATE, DELETE ON {} TO {}").format(names, role))


def store_section(name: str, peer: S3Peer, bucket: str, folder: Path) -> str:
    """The section of a store of recordings."""
    (folder / f"{name}-key").write_text(peer.access_key, encoding="utf-8")
    (folder / f"{name}-secret").write_text(peer.secret_key, encoding="utf-8")
    return _STORE.format(
        name=name, endpoint=peer.endpoint, bucket=bucket, folder=folder, record=RECORD + _OF_RECORDINGS
    )
