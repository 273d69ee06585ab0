"""Planted violations: the rule broken in one place of a copy of the code, which the forests have to show."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_LONGEST_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where the rule is broken.

    Args:
        path: The file, from the root of the repository.
        before: Its text there, which occurs once.
        after: What replaces that.
    """

    path: str
    before: str
    after: str

    def broken(self, root: Path) -> str:
        """Return the file's text with the violation.

        Args:
            root: Where the code is.

        Raises:
            ValueError: The code no longer has the text, or has it twice.
        """
        text = (root / self.path).read_text()
        if text.count(self.before) != 1:
            raise ValueError(f"{self.path} does not have once what is replaced there; bring the violation up to date.")
        return text.replace(self.before, self.after)


PLANTED: Final = {
    "chain": Violation(
        "rightsflow/domain/ownership.py",
        "_of_several(above) if up & _ABOVE else _below_anothers(claims, above)",
        "_of_several(above) if up & _ABOVE else OwnershipRuling(Standing.MINE)",
    ),
    "inheritance": Violation(
        "rightsflow/domain/ownership.py",
        "    return not (claims.claim is Claim.OWN and not claims.names_others)",
        "    return False",
    ),
    "birth date": Violation(
        "rightsflow/domain/chain_claims.py",
        "    if known.is_born_apart(named):\n        return RecordDoubt.OTHER_BIRTH_DATE\n",
        "",
    ),
    "placeholder": Violation(
        "connectors/sql/persons.py",
        'return "" if placeholder is not None and text.strip() == str(placeholder).strip() else text',
        "return text",
    ),
}
"""The violations by name."""


def sight(name: str, forests: int, first: int = 0) -> str:
    """Play forests on SQLite with a copy of the code in which one place is broken; return the first that shows it.

    Args:
        name: Of :data:`PLANTED`.
        forests: How many at most.
        first: The first seed.

    Returns:
        The line that tells of the harm or the miss; empty where none of the forests has one.
    """
    violation = PLANTED[name]
    with TemporaryDirectory() as folder:
        for part in ("rightsflow", "connectors"):
            copytree(ROOT / part, Path(folder) / part, ignore=ignore_patterns("__pycache__"))
        (Path(folder) / violation.path).write_text(violation.broken(ROOT))
        run = [sys.executable, "-P", "-m", "proofs.forests", "--database", "sqlite", "--until-seen"]
        run += ["--forests", str(forests), "--first", str(first)]
        environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
        done = subprocess.run(
            run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    *lines, last = done.stdout.splitlines() or [""]
    if " forests, " not in last:
        raise RuntimeError(f"The forests with {name} were not played to the end: {done.stderr[-2000:]}")
    return lines[-1] if lines else ""
