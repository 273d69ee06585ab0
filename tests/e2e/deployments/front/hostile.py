"""A hostile web page: tries everything that a page may make a browser do with Prefect's server on the same machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.listening import listening
from tests.support.peers.chromium import Browser, Page

ATTACKS = """
(async () => {
  const target = TARGET, deployment = DEPLOYMENT, waiting = WAITING
  const create = `${target}/api/deployments/${deployment}/create_flow_run`
  // Without a type, so that the body goes without a preflight and without a content type.
  const named = name => new Blob([JSON.stringify({name, parameters: {}})])
  const approve = name => `${target}/api/flow_runs/${waiting[name]}/resume`
  const came = {}
  const attempt = async (name, act) => {
    try { came[name] = await act() } catch (error) { came[name] = `failed: ${error.name}` }
  }
  const within = (seconds, start) => new Promise(done => {
    setTimeout(() => done('failed: nothing happened'), 1000 * seconds)
    start(done)
  })
  const send = (url, body, more) => fetch(url, {method: 'POST', mode: 'no-cors', body, ...more}).then(() => 'sent')
  const json = {mode: 'cors', headers: {'Content-Type': 'application/json'}}

  await attempt('plain text', () => send(approve('plain text'), '{"run_input": {}}'))
  await attempt('no content type', () => send(create, named('no content type')))
  await attempt('json', () => send(create, JSON.stringify({name: 'json'}), json))
  await attempt('form', () => within(30, done => {
    const frame = document.createElement('iframe')
    frame.name = `hidden ${document.querySelectorAll('iframe').length}`
    document.body.appendChild(frame)
    frame.onload = () => done('sent')
    const form = document.body.appendChild(document.createElement('form'))
    Object.assign(form, {method: 'post', action: approve('form'), enctype: 'text/plain', target: frame.name})
    const field = form.appendChild(document.createElement('input'))
    Object.assign(field, {name: '{"run_input": {"x": "', value: '"}}'})
    form.submit()
  }))
  // The last change, since it is not waited for, and Prefect refuses one of two changes at once.
  await attempt('beacon', async () => navigator.sendBeacon(create, named('beacon')))

  await attempt('reading runs', async () =>
    (await (await fetch(`${target}/api/flow_runs/filter`, {method: 'POST', body: '{}', ...json})).json()).length >= 0
      && 'read')
  await attempt('reading settings', async () => (await fetch(`${target}/api/admin/settings`)).ok && 'read')
  for (const path of ['events/in', 'events/out', 'logs/out'])
    for (const protocol of [undefined, 'prefect'])
      await attempt(`socket ${path} ${protocol || ''}`.trim(), () => within(30, done => {
        const socket = new WebSocket(`${target.replace('http', 'ws')}/api/${path}`, protocol)
        socket.onopen = () => done('open')
        socket.onerror = () => done('failed: error')
      }))
  await attempt('picture', () => within(30, done => {
    const picture = new Image()
    picture.onload = () => done('read')
    picture.onerror = () => done('failed: error')
    picture.src = `${target}/ico/favicon-32x32.png`
  }))
  await attempt('script', () => within(30, done => {
    const script = document.body.appendChild(document.createElement('script'))
    script.onload = () => done('read')
    script.onerror = () => done('failed: error')
    script.src = `${target}/api/admin/version`
  }))
  return came
})()
"""


@contextmanager
def hostile_site() -> Iterator[int]:
    """Serve an empty page at any address; the test puts the script in. Gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>A prize for you</title><body>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with listening(Handler) as port:
        yield port


def attack(page: Page, target: str, deployment: str, waiting: dict[str, str]) -> dict[str, str]:
    """Try everything from a page; returns what the page itself saw of each attempt.

    Args:
        page: The page.
        target: The server's address, as the page calls it.
        deployment: A deployment that it tries to start runs of.
        waiting: Runs at a gate that it tries to approve, by the attempt that does.
    """
    script = ATTACKS
    for word, value in (("TARGET", target), ("DEPLOYMENT", deployment), ("WAITING", waiting)):
        script = script.replace(word, json.dumps(value))
    return dict(page.run(script))


def is_framed(browser: Browser, page: Page, address: str) -> bool:
    """Whether a page can show an address of the server in a frame, under a layer of its own for example."""
    loaded = f"""new Promise(done => {{
        const frame = document.body.appendChild(document.createElement('iframe'))
        frame.onload = () => done(true)
        frame.src = {json.dumps(address)}
    }})"""
    page.run(loaded)
    shown = [one["frame"] for one in page.command("Page.getFrameTree")["frameTree"].get("childFrames", [])]
    here = [one["url"] for one in shown if not one.get("unreachableUrl")]
    # Where a frame is refused, an error page of the browser's own is in it.
    elsewhere = [frame.run("location.href") for frame in browser.frames()]
    return any(url.startswith(address) for url in [*here, *elsewhere])
