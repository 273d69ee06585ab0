"""The pictures of the tutorial, taken anew: ``make pictures``.

Starts the demonstration on this machine's loopback in a temporary folder, works on a case as the tutorial says, takes
each picture in Chromium, and stops all of it. The people are invented. Nothing of the machine is in a picture: neither
a path nor a name. Chromium needs a font with coloured signs (Debian: ``fonts-noto-color-emoji``).
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyotp
import requests
from PIL import Image

from tests.support.peers.chromium import Page, running_chromium

IMAGES: Final = Path(__file__).parent / "images"
_PASSWORD: Final = "four kettles on a blue stove"  # noqa: S105 - of an invented person
_LARGEST: Final = 150_000
_COLOURS: Final = 160
_WIDTH: Final = 1280
_MENU: Final = 256
"""What is left of the page's own part: Prefect's menu."""
_READY_SECONDS: Final = 300.0
_PATIENCE_SECONDS: Final = 90.0
_CASE: Final = re.compile(r"DSR-\d{4}-\w{6}")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w.-]+\w")
_DRAWN: Final = 12.0
"""How long the user interface draws after the last of its data is there, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demonstration that stays up.

    Args:
        folder: Where it runs.
        ui: The address of Prefect's user interface.
        erasure: The erasure case that it answered.
        email: The address of an invented person.
    """

    folder: Path
    ui: str
    erasure: str
    email: str

    def invitation(self) -> str:
        """The link by which the demonstration's officer sets up an account."""
        command = [str(Path(sys.executable).parent / "rightsflow"), "people", "invite", "case_owner", "--json"]
        home = {**os.environ, "RIGHTSFLOW_HOME": str(self.folder / "demo/.rightsflow")}
        said = subprocess.run(command, env=home, capture_output=True, text=True, check=True)
        return str(json.loads(said.stdout)["link"])

    def secret(self) -> str:
        """What programs call the server with."""
        return (self.folder / "demo/.rightsflow/prefect-sign-in").read_text(encoding="utf-8").strip()

    def api(self, path: str, **given: Any) -> Any:
        """Call the server as its user interface does."""
        user, _, word = self.secret().partition(":")
        answer = requests.post(f"{self.ui}/api{path}", json=given, auth=(user, word), timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deployment(self, name: str) -> str:
        """The id of a form."""
        (found,) = self.api("/deployments/filter", deployments={"name": {"any_": [name]}})
        return str(found["id"])

    def submit(self, name: str, **fields: str) -> dict[str, Any]:
        """Submit a form, and return its run once that has ended."""
        run = self.api(f"/deployments/{self.deployment(name)}/create_flow_run", parameters=fields)
        return self.wait({"id": {"any_": [run["id"]]}}, lambda one: one["state_type"] == "COMPLETED")

    def wait(self, which: dict[str, Any], is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a run."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not ((found := self.api("/flow_runs/filter", flow_runs=which, limit=1)) and is_there(found[0])):
            if time.monotonic() > deadline:
                raise SystemExit(f"Waited in vain for {which}: {[one['state'] for one in found]}.")
            time.sleep(0.5)
        return dict(found[0])

    def at_gate(self, case: str, gate: str) -> dict[str, Any]:
        """Wait until a case waits at a gate, and return its run."""

        def waits(run: dict[str, Any]) -> bool:
            return (run["state"]["state_details"].get("pause_key") or "").startswith(gate)

        return self.wait({"name": {"any_": [case]}}, waits)

    def artifact(self, key: str) -> str:
        """The id of the newest artifact of that key."""
        (found,) = self.api("/artifacts/latest/filter", artifacts={"key": {"any_": [key]}})
        return str(found["latest_id"])


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start the demonstration, and stop it at the end."""
    command = [str(Path(sys.executable).parent / "rightsflow"), "demo", "--stay"]
    log = folder / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, env={**os.environ, "COLUMNS": "250"})
    try:
        deadline = time.monotonic() + _READY_SECONDS
        while "Staying up" not in (said := log.read_text(encoding="utf-8", errors="replace")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The demonstration did not come up:\n{said}")
            time.sleep(0.5)
        yield demo_of(folder, said)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)


def demo_of(folder: Path, said: str) -> Demo:
    """Read where the demonstration is from what it printed, and one person's address from the case."""
    access, erasure = list(dict.fromkeys(_CASE.findall(said)))[:2]
    (ui,) = set(re.findall(r"UI: (http://\S+)", said))
    shown = subprocess.run(
        [str(Path(sys.executable).parent / "rightsflow"), "show", access, "--reveal"],
        env={**os.environ, "RIGHTSFLOW_HOME": str(folder / "demo/.rightsflow")},
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    email = next(one for one in _EMAIL.findall(shown))
    return Demo(folder=folder, ui=ui.replace("127.0.0.1", "localhost"), erasure=erasure, email=email)


@dataclass(slots=True)
class Camera:
    """Takes pictures of pages of the user interface.

    Args:
        tab: The browser's tab.
        demo: The demonstration.
    """

    tab: Page
    demo: Demo

    def sign_in(self) -> None:
        """Set up an account as a person does, which signs in."""
        self.tab.command(
            "Emulation.setDeviceMetricsOverride", width=_WIDTH, height=1600, deviceScaleFactor=1, mobile=False
        )
        self.tab.go(self.demo.invitation())
        secret = self.tab.run("document.querySelector('code.secret').innerText").replace(" ", "")
        typed = {"password": _PASSWORD, "again": _PASSWORD, "code": pyotp.TOTP(secret).now()}
        for name, text in typed.items():
            self.tab.run(f"document.getElementById('{name}').value = {json.dumps(text)}")
        self.tab.run("document.querySelector('form button').click()")
        self.shows("What waits")

    def go(self, path: str, *texts: str) -> None:
        """Open a page, and wait for texts on it."""
        self.tab.go(f"{self.demo.ui}{path}")
        self.shows(*texts)

    def shows(self, *texts: str) -> None:
        """Wait until the page shows all of these texts, and is drawn."""
        for text in texts:
            self.tab.wait(f"document.body.innerText.includes({json.dumps(text)})")
        time.sleep(_DRAWN)

    def click(self, label: str) -> None:
        """Press the button with that label."""
        button = f"[...document.querySelectorAll('button')].find(one => one.innerText.trim() == {json.dumps(label)})"
        self.tab.wait(button)
        self.tab.run(f"{button}.click()")

    def take(self, name: str, top: int, height: int, *, left: int = _MENU, width: int = _WIDTH - _MENU) -> None:
        """Take a picture of a part of the page, in few colours.

        Args:
            name: The file's name in ``docs/images``, without ending.
            top: Where the part begins, in pixels.
            height: Its height.
            left: Where it begins, from the left.
            width: Its width.
        """
        clip = {"x": left, "y": top, "width": width, "height": height, "scale": 1}
        data = base64.b64decode(self.tab.command("Page.captureScreenshot", clip=clip)["data"])
        picture = Image.open(io.BytesIO(data)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        file = IMAGES / f"{name}.png"
        picture.save(file, optimize=True)
        if file.stat().st_size >= _LARGEST:
            raise SystemExit(f"{file.name} has {file.stat().st_size} bytes; at most {_LARGEST} are wanted.")


def opening(camera: Camera) -> str:
    """The form that opens a request; gives the case that it becomes."""
    demo, today = camera.demo, datetime.now(UTC).date().isoformat()
    fields = {"right": "access", "received_on": today, "opened_by": "Olga Opener", "email": demo.email}
    form = f"/deployments/deployment/{demo.deployment('01 Open a request')}/run?parameters={quote(json.dumps(fields))}"
    camera.go(form, "Parameters", "Your name")
    camera.take("form-open-request", 0, 720)
    opened = demo.submit("01 Open a request", **fields)
    return str(opened["state"]["message"]).partition(",")[0]


def at_the_gates(camera: Camera, case: str) -> None:
    """The case at its identity gate: the board, the run, the gate's form."""
    demo, run = camera.demo, camera.demo.at_gate(case, "identity")
    demo.submit("watch-deadlines")
    camera.go(f"/artifacts/artifact/{demo.artifact('deadline-board')}", "Deadline board", case)
    camera.take("deadline-board", 254, 330, width=744)
    camera.go(f"/runs/flow-run/{run['id']}", case, "Resume")
    camera.click("Resume")
    camera.shows("How it was checked")
    camera.take("gate-identity", 12, 720, left=384, width=512)


def afterwards(camera: Camera) -> None:
    """The erasure case that the demonstration answered: its run and its sheet."""
    demo = camera.demo
    run = demo.wait({"name": {"any_": [demo.erasure]}}, lambda one: one["state_type"] == "COMPLETED")
    camera.go(f"/runs/flow-run/{run['id']}", "Answered", demo.erasure)
    camera.take("run-answered", 0, 500)
    camera.go(f"/artifacts/artifact/{demo.artifact(demo.erasure.lower())}", "Deadline", "Steps")
    camera.take("case-sheet", 64, 1172, width=740)


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as place:
        folder = Path(place)
        (folder / "browser").mkdir()
        with running_demo(folder) as demo, running_chromium(folder / "browser", {}) as browser:
            camera = Camera(browser.open(f"{demo.ui}/"), demo)
            camera.sign_in()
            afterwards(camera)
            at_the_gates(camera, opening(camera))


if __name__ == "__main__":
    main()
