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
    template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
    text = template.partition("[systems.")[0] + TYPED + _BRAKES
    return text.replace('phones = ["+49 30 23125 000"]', f'phones = ["{OWN_NUMBER}"]')


def sql_section(
    name: str, tables: str, database: PostgresDatabase, folder: Path, stored: Path | None = None, view: str = ""
) -> str:
    """Return the section of a relational system; a role is made with the rights that it needs and no others."""
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
    (folder / f"{name}-key").write_text(peer.access_key, encoding="utf-8")
    (folder / f"{name}-secret").write_text(peer.secret_key, encoding="utf-8")
    return _STORE.format(
        name=name, endpoint=peer.endpoint, bucket=bucket, folder=folder, record=RECORD + _OF_RECORDINGS
    )
