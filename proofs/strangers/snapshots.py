"""Reading everything that a system holds, row by row, file by file, version by version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from tests.support.peers.postgres import PostgresDatabase

# What a file or a version holds is kept for the marks in it; all planted ones are small.
_LONGEST = 64 * 1024


def of_database(database: PostgresDatabase, leave_out: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Every row of every table.

    Args:
        database: The database.
        leave_out: Tables that hold nothing but the system's own bookkeeping.
    """
    held: dict[str, dict[str, str]] = {}
    passed_over = set(leave_out)
    with database.server.admin(database.name) as admin:
        query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        tables = [name for (name,) in admin.execute(query).fetchall() if name not in passed_over]
        for table in tables:
            # The server's own text of a row: nothing is lost in a conversion.
            rows = admin.execute(
                psycopg.sql.SQL("SELECT to_jsonb(one)::text FROM {} AS one").format(psycopg.sql.Identifier(table))
            )
            for number, (text,) in enumerate(sorted(rows.fetchall())):
                row = {name: _text(value) for name, value in json.loads(text).items()}
                place = f"{table}/{row.get('id', number)}"
                while place in held:
                    place += "+"
                held[place] = row
    return held


def of_folder(folder: Path, name: str = "files") -> dict[str, dict[str, str]]:
    """Every file of a folder.

    Args:
        folder: The folder.
        name: The first part of the places.
    """
    return {
        f"{name}/{path.relative_to(folder)}": of_bytes(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def of_bytes(content: bytes) -> dict[str, str]:
    """Some bytes, with a digest."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "content": content[:_LONGEST].decode("latin-1")}


def of_bucket(client: Any, bucket: str, read: dict[tuple[str, ...], dict[str, str]]) -> dict[str, dict[str, str]]:
    """Every version and delete marker of a bucket, with metadata and bytes.

    Args:
        client: A client of boto3 that may read everything.
        bucket: The bucket.
        read: What was read before: a version of the same digest, stored at the same instant, is read once.
    """
    held: dict[str, dict[str, str]] = {}
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in page.get("Versions", []):
            state = (one["Key"], one["VersionId"], one["ETag"], str(one["LastModified"]))
            if state not in read:
                got = client.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
                about = {"metadata": json.dumps(got["Metadata"], sort_keys=True), "type": got["ContentType"]}
                read[state] = {"key": one["Key"], "modified": state[-1], **about, **of_bytes(got["Body"].read())}
            held[f"versions/{one['Key']}/{one['VersionId']}"] = read[state]
        for one in page.get("DeleteMarkers", []):
            held[f"markers/{one['Key']}/{one['VersionId']}"] = {"key": one["Key"]}
    return held


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
