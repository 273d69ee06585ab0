"""The npm package `oidc-provider` as an identity provider, where node and the package are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from deployments.ports import free_port

_SCRIPT = Path(__file__).parent / "openid" / "provider.mjs"
_PACKAGE = Path(sys.prefix) / "node_modules" / "oidc-provider" / "lib" / "index.js"
_MOST_STEPS = 12
_OLDEST = 20
"""Of node, on which the package runs."""


@contextmanager
def running_oidc_provider(client: str, secret: str, redirect: str) -> Iterator[str]:
    """Start it, and stop it at the end; gives its address.

    Args:
        client: The id of its one client.
        secret: The client's secret.
        redirect: Where it sends browsers back to.
    """
    node = shutil.which("node")
    if node is None or _major(node) < _OLDEST or not _PACKAGE.exists():
        pytest.skip("oidc-provider is not installed: npm install --no-save --prefix .venv oidc-provider")
    port = free_port()
    command = [node, str(_SCRIPT), str(_PACKAGE), str(port), client, secret, redirect]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip() == "ready":
                    break
            assert process.poll() is None
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _major(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.lstrip("v").partition(".")[0])


def sign_in_there(address: str, name: str, cookies: dict[str, str]) -> str:
    """What a person does at the provider: sign in, agree; gives the address that it sends the browser back to.

    Args:
        address: Where the browser was sent.
        name: Under which name they sign in.
        cookies: The browser's, which stay with it.
    """
    home = address.partition("/auth")[0]
    with requests.Session() as browser:
        browser.cookies.update(cookies)
        answer = browser.get(address, allow_redirects=False, timeout=30)
        for _ in range(_MOST_STEPS):
            if "location" in answer.headers:
                where = answer.headers["location"]
                where = where if where.startswith("http") else home + where
                if not where.startswith(home):
                    cookies.update(browser.cookies.get_dict())
                    return where
                answer = browser.get(where, allow_redirects=False, timeout=30)
            else:
                form = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert form, answer.text
                assert prompt, answer.text
                typed = {"prompt": prompt[1], "login": name, "password": "any"}
                answer = browser.post(form[1], data=typed, allow_redirects=False, timeout=30)
    raise AssertionError("the provider did not send the browser back")
