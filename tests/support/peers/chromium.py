"""A real browser for the tests: Chromium without a window, steered by its own DevTools protocol.

See https://chromedevtools.github.io/devtools-protocol/; nothing but a WebSocket is needed for it.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from websockets.sync.client import ClientConnection, connect

_READY_WITHIN_SECONDS = 150.0
_ANSWER_WITHIN_SECONDS = 150.0
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
    "--window-size=1280,900",
)


class Page:
    """A tab.

    Args:
        target: What the browser says of it.
    """

    def __init__(self, target: Mapping[str, Any]) -> None:
        self.id: str = target["id"]
        self._socket: ClientConnection = connect(target["webSocketDebuggerUrl"], max_size=None, ping_interval=None)
        self._last = 0
        self.messages: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **given: Any) -> dict[str, Any]:
        """Send a command and return what it results in."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": given}))
        while True:
            said = json.loads(self._socket.recv(timeout=_ANSWER_WITHIN_SECONDS))
            if said.get("id") == self._last:
                assert "error" not in said, f"{method}: {said['error']}"
                return dict(said["result"])
            if said.get("method") == "Log.entryAdded":
                self.messages.append(said["params"]["entry"]["text"])

    def go(self, url: str) -> None:
        """Open an address, and wait until the page is there."""
        self.command("Page.navigate", url=url)
        self.wait(f"document.readyState == 'complete' && location.href.startsWith({json.dumps(url[:24])})")

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page, and await it where it is a promise."""
        seen = self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in seen, seen["exceptionDetails"].get("exception", {}).get("description")
        return seen["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true of the page."""
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while not self._try(condition):
            assert time.monotonic() < deadline, f"waited in vain for {condition}"
            time.sleep(0.05)

    def type(self, text: str) -> None:
        """Type into the field that has the focus."""
        self.command("Input.insertText", text=text)

    def press_enter(self) -> None:
        """Press Enter."""
        for kind in ("keyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, text="\r")

    def picture(self, file: Path) -> None:
        """Write what the page looks like as a PNG."""
        file.write_bytes(base64.b64decode(self.command("Page.captureScreenshot")["data"]))

    def _try(self, condition: str) -> bool:
        # While another page is being loaded, there is nothing to ask.
        with suppress(AssertionError):
            return bool(self.run(f"!!({condition})"))
        return False


class Browser:
    """The browser.

    Args:
        port: Of its DevTools.
    """

    def __init__(self, port: int) -> None:
        self._there = f"http://127.0.0.1:{port}/json"

    def open(self, url: str) -> Page:
        """Open a tab at an address, and wait until its page is there."""
        page = Page(requests.put(f"{self._there}/new?{quote('about:blank')}", timeout=30).json())
        page.go(url)
        return page

    def frames(self) -> list[Page]:
        """The frames that show another site's page, in a process of their own."""
        return [Page(one) for one in requests.get(self._there, timeout=30).json() if one["type"] == "iframe"]


@contextmanager
def running_chromium(folder: Path, names: Mapping[str, str]) -> Iterator[Browser]:
    """Start the browser with a profile of its own, and stop it at the end.

    Args:
        folder: An empty folder for the profile and the log.
        names: Host names and the addresses that they are to have.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed: apt install chromium")
    rules = ", ".join(f"MAP {name} {address}" for name, address in names.items())
    profile = folder / "profile"
    with (folder / "chromium.log").open("wb") as log:
        command = [program, *_FLAGS, f"--user-data-dir={profile}", f"--host-resolver-rules={rules}", "about:blank"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield Browser(_port(profile / "DevToolsActivePort", process))
    finally:
        process.terminate()
        process.wait(30)


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while not file.exists() or "\n" not in file.read_text():
        assert process.poll() is None, "Chromium ended; its log says why"
        assert time.monotonic() < deadline, "Chromium did not start in time"
        time.sleep(0.05)
    return int(file.read_text().partition("\n")[0])
