"""The records of a package that people have read, so that a reader goes on where they were and a second one sees it.

A mark is bound to the content of the record as it was read: a record that is masked, muted or copied anew since is to
be read again. Marks are sealed with the case, and decide nothing: the release is a decision of its own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from rightsflow.cases.facts.people import said
from rightsflow.store import CaseFile

_MARKS: Final = "package-read/"


def keep_marks(file: CaseFile, digests: Iterable[str], *, by: str) -> None:
    """Note that a person has read records.

    Args:
        file: The case file, open.
        digests: The hashes of their content.
        by: Who read them.
    """
    number = len(file.outbox.secrets_below(_MARKS))
    mark = json.dumps({"by": str(said(by)), "records": sorted(digests)}, ensure_ascii=False)
    file.outbox.keep_secret(f"{_MARKS}{number:06d}", mark)


def readers_of(file: CaseFile) -> Mapping[str, tuple[str, ...]]:
    """Return the people who have read each record, by the hash of its content.

    Args:
        file: The case file, open.
    """
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for mark in map(json.loads, file.outbox.secrets_below(_MARKS)):
        for digest in mark["records"]:
            found[digest][mark["by"]] = None
    return {digest: tuple(names) for digest, names in found.items()}
