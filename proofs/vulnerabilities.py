"""Known vulnerabilities of the packages that the product needs, by pip-audit from the registry's advisories.

``make audit`` fails where one is known. pip-audit takes a package for which it gets no answer for one without
vulnerabilities; here it is counted, and a run without advisories says so in a line and does not fail.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from proofs.locked import needed_by_product, packages

_LONGEST_SECONDS = 300


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="audit-") as place:
        status, sentences = judged(asked(Path(place), needed_by_product(packages())))
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    return status


def asked(folder: Path, needed: set[tuple[str, str]]) -> list[dict[str, Any]]:
    wanted, answer = folder / "wanted.txt", folder / "answer.json"
    wanted.write_text("".join(f"{name}=={version}\n" for name, version in sorted(needed)), encoding="utf-8")
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--output", str(answer)]
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(wanted), *options]
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=_LONGEST_SECONDS)
        parts: list[dict[str, Any]] = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []
    return parts


def judged(parts: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Return the exit status and the sentences for pip-audit's answer."""
    answered = [part for part in parts if "skip_reason" not in part]
    if not answered:
        return 0, ["The advisories cannot be reached from here: no package was checked for known vulnerabilities."]
    found = [
        f"{part['name']} {part['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or 'no version'}."
        for part in answered
        for known in part["vulns"]
    ]
    unanswered = [part["name"] for part in parts if "skip_reason" in part]
    without = [f"No answer for {', '.join(unanswered)}."] if unanswered else []
    return (1 if found else 0), [*found, *without, f"{len(answered)} packages checked: {len(found)} vulnerabilities."]


if __name__ == "__main__":
    sys.exit(main())
