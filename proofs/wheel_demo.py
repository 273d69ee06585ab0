"""The wheel as people get it: built, installed outside the checkout, its demonstration run there from an empty folder.

``make wheel-demo`` runs it with the Python of the machine; it needs a package registry and nothing of the checkout's
environment. It shows what an editable installation hides: a file that is not in the wheel, a package that only the
developers have.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENCRYPTED = 0x1
"""The flag of an encrypted member of a zip."""


def main() -> None:
    """Build, install, run, and check what is left."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wheel-demo-") as place:
        folder = Path(place)
        command = installed(folder, built(folder))
        ready = time.monotonic()
        said = answered(command, folder)
        for right in ("access", "erasure"):
            check_evidence(command, folder, said[right]["case_id"])
        check_package(Path(said["package"]))
    ended = time.monotonic()
    seconds = f"{ready - started:.0f} s to install, {ended - ready:.0f} s to run"
    sys.stdout.write(f"The wheel's demonstration is right: {seconds}.\n")


def built(folder: Path) -> Path:
    """The wheel, built into the folder."""
    run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def installed(folder: Path, wheel: Path) -> str:
    """Install the wheel with what the demonstration needs into a new environment; gives its command."""
    environment = folder / "environment"
    run([sys.executable, "-m", "venv", str(environment)], folder)
    python, wanted = environment / "bin" / "python", f"rightsflow[sandbox] @ {wheel.as_uri()}"
    constraints = str(ROOT / "constraints.txt")
    run([str(python), "-m", "pip", "install", "--quiet", "--constraint", constraints, wanted], folder)
    there = run([str(python), "-c", "import rightsflow; print(rightsflow.__file__)"], folder).strip()
    assert Path(there).is_relative_to(environment), f"the checkout is imported: {there}"
    return str(environment / "bin" / "rightsflow")


def answered(command: str, folder: Path) -> dict:
    """Run the demonstration in an empty folder; gives what it says of itself."""
    empty = folder / "empty"
    empty.mkdir()
    said = json.loads(run([command, "demo", "--json"], empty))
    assert [said[right]["state"] for right in ("access", "erasure")] == ["answered", "answered"], said
    assert said["aftermath"]["changed"] == 0, said["aftermath"]
    return said


def check_evidence(command: str, folder: Path, case_id: str) -> None:
    """The evidence of a case can be exported and verified."""
    home, file = {"RIGHTSFLOW_HOME": str(folder / "empty/demo/.rightsflow")}, f"{case_id}.zip"
    run([command, "evidence", case_id, "-o", file, "--by", "Wheel Demo"], folder, **home)
    run([command, "verify", file], folder)


def check_package(file: Path) -> None:
    """The access package is there, and every file in it is encrypted."""
    with zipfile.ZipFile(file) as package:
        assert len(package.infolist()) > 0
        assert all(one.flag_bits & ENCRYPTED for one in package.infolist())


def run(command: list[str], folder: Path, **more: str) -> str:
    """Run a command without anything of the developer's environment; gives what it printed.

    Raises:
        SystemExit: It failed; its own words are printed.
    """
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RIGHTSFLOW", "VIRTUAL"))
    }
    ended = subprocess.run(command, check=False, cwd=folder, env=kept | more, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    main()
