"""The wheels as people get them: built, installed outside the checkout, the demonstration run in another project.

``make wheel-demo`` runs it with the Python of the machine; it needs a package registry and nothing of the checkout's
environment. It shows what an editable installation hides: a file that is not in the wheel, a package that only the
developers have, and a project around it that has packages with our names.
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
from typing import Any

from proofs.locked import constraints

ROOT = Path(__file__).parent.parent
ENCRYPTED = 0x1
"""The flag of an encrypted member of a zip."""
PRODUCT = {"connectors", "deployments", "flows", "rightsflow", "tasks"}
"""The packages of the product's wheel."""
PROJECT = "project"
NOT_OURS = "raise ImportError('this is another project')\n"


def main() -> None:
    """Build, install, run, and check what is left."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wheel-demo-") as place:
        folder = Path(place)
        product, sandbox = built(folder)
        check_contents(product)
        command = installed(folder, product)
        check_without_sandbox(command, folder)
        add(folder, product, sandbox)
        ready = time.monotonic()
        said = answered(command, folder)
        for right in ("access", "erasure"):
            check_evidence(command, folder, said[right]["case_id"])
        check_package(Path(said["package"]))
    ended = time.monotonic()
    seconds = f"{ready - started:.0f} s to install, {ended - ready:.0f} s to run"
    sys.stdout.write(f"The wheels' demonstration is right: {seconds}.\n")


def built(folder: Path) -> tuple[Path, Path]:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
    run([*command, str(ROOT), str(ROOT / "sandbox")], folder)
    (product,), (sandbox,) = folder.glob("rightsflow-*.whl"), folder.glob("rightsflow_sandbox-*.whl")
    return product, sandbox


def check_contents(product: Path) -> None:
    with zipfile.ZipFile(product) as wheel:
        tops = {name.split("/", maxsplit=1)[0] for name in wheel.namelist()}
        code = "".join(wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".py"))
    assert {name for name in tops if not name.endswith(".dist-info")} == PRODUCT, tops
    assert "rightsflow_sandbox" not in code
    assert "localstripe" not in code


def installed(folder: Path, wheel: Path) -> str:
    environment = folder / "environment"
    run([sys.executable, "-m", "venv", str(environment)], folder)
    add(folder, wheel)
    there = run([python_of(folder), "-c", "import rightsflow; print(rightsflow.__file__)"], folder).strip()
    assert Path(there).is_relative_to(environment), f"the checkout is imported: {there}"
    return str(environment / "bin" / "rightsflow")


def add(folder: Path, *wheels: Path) -> None:
    locked = folder / "locked.txt"
    locked.write_text(constraints(), encoding="utf-8")
    install = ["-m", "pip", "install", "--quiet", "--constraint", str(locked)]
    run([python_of(folder), *install, *map(str, wheels)], folder)


def python_of(folder: Path) -> str:
    return str(folder / "environment" / "bin" / "python")


def check_without_sandbox(command: str, folder: Path) -> None:
    assert " demo " not in run([command, "--help"], folder)
    told = subprocess.run([command, "demo"], check=False, cwd=folder, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (2, ""), told
    assert told.stderr.startswith("demo is not installed; run `pip install rightsflow-sandbox=="), told.stderr
    there = {one["name"] for one in json.loads(run([python_of(folder), "-m", "pip", "list", "--format=json"], folder))}
    assert not {"localstripe", "rightsflow-sandbox"} & there, there


def project_in(folder: Path) -> Path:
    project = folder / PROJECT
    for name in ("connectors", "deployments", "flows"):
        (project / name).mkdir(parents=True)
        (project / name / "__init__.py").write_text(NOT_OURS, encoding="utf-8")
    (project / "tasks.py").write_text(NOT_OURS, encoding="utf-8")
    return project


def answered(command: str, folder: Path) -> dict[str, Any]:
    project = project_in(folder)
    said: dict[str, Any] = json.loads(run([command, "demo", "--json"], project, PYTHONPATH=str(project)))
    assert [said[right]["state"] for right in ("access", "erasure")] == ["answered", "answered"], said
    assert said["aftermath"]["changed"] == 0, said["aftermath"]
    return said


def check_evidence(command: str, folder: Path, case_id: str) -> None:
    home, file = {"RIGHTSFLOW_HOME": str(folder / PROJECT / "demo/.rightsflow")}, f"{case_id}.zip"
    run([command, "evidence", case_id, "-o", file, "--by", "Wheel Demo"], folder, **home)
    run([command, "verify", file], folder)


def check_package(file: Path) -> None:
    with zipfile.ZipFile(file) as package:
        assert len(package.infolist()) > 0
        assert all(one.flag_bits & ENCRYPTED for one in package.infolist())


def run(command: list[str], folder: Path, **more: str) -> str:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RIGHTSFLOW", "VIRTUAL"))
    }
    ended = subprocess.run(command, check=False, cwd=folder, env=kept | more, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    main()
