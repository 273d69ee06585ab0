"""The time of an installation: a new environment with all that ``rightsflow up`` needs, without pip's cache."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from proofs.locked import constraints

PROJECT = Path(__file__).resolve().parents[2]
EXTRAS = {
    "rightsflow": "",
    "rightsflow[stripe,s3]": "[stripe,s3]",
    "rightsflow[embedded,stripe,s3]": "[embedded,stripe,s3]",
}


def measure(folder: Path, line: Callable[..., None]) -> None:
    """Install into new environments."""
    locked = folder / "locked.txt"
    locked.write_text(constraints(), encoding="utf-8")
    for name, extra in EXTRAS.items():
        environment = folder / f"installed{extra}"
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "venv", environment], check=True, capture_output=True)
        pip = [environment / "bin" / "python", "-m", "pip", "--no-cache-dir", "--quiet", "--disable-pip-version-check"]
        subprocess.run(
            [*pip, "install", "--constraint", locked, f"{PROJECT}{extra}"],
            check=True,
            capture_output=True,
        )
        seconds = time.monotonic() - began
        size = sum(file.lstat().st_blocks for file in environment.rglob("*")) * 512 / 1e6
        line(f"installation of {name}", f"{size:.0f} MB, {seconds:.0f} s", "")
