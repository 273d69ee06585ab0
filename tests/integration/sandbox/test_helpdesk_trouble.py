"""What goes wrong on purpose: rate limits, ordered faults; the sandbox's switches; the process."""

import json
import os
import subprocess
import sys
import threading

import pytest
import requests

from rightsflow_sandbox.helpdesk.__main__ import main
from rightsflow_sandbox.helpdesk.faults import Action, OrderedFault
from rightsflow_sandbox.helpdesk.limits import Budget, Limits
from rightsflow_sandbox.helpdesk.server import listen
from tests.integration.sandbox.helpdesk_rig import ANNA, SECRET, data, helpdesk


@pytest.fixture
def desk():
    with helpdesk(admin=True) as running:
        yield running


def test_calls_are_limited_as_the_plan_says():
    # The account has so many calls a minute.
    with helpdesk(limits=Limits(account_per_minute=2)) as desk:
        first = desk.call("GET", "users")
        desk.clock.pass_(seconds=20)
        desk.call("GET", "nothing-here")
        refused = desk.call("GET", "users")
        desk.clock.pass_(seconds=40)

        assert (first.headers["X-Rate-Limit"], first.headers["ratelimit-remaining"]) == ("2", "1")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
        assert refused.text == "Number of allowed API requests per minute exceeded"
        assert refused.headers["X-Rate-Limit-Remaining"] == "0"
        assert desk.call("GET", "users").status_code == 200
    # Endpoints have limits of their own counted by record.
    with helpdesk(limits=Limits(endpoints={"create-update-user": Budget(1)})) as desk:
        body = {"user": {"notes": "n"}}
        first = desk.call("PUT", f"users/{ANNA}", json=body)
        refused = desk.call("PUT", f"users/{ANNA}", json=body)
        other = desk.call("PUT", f"users/{ANNA + 1}", json=body)

        assert first.headers["zendesk-ratelimit-create-update-user"] == "total=1; remaining=0; resets=60"
        assert [first.status_code, refused.status_code, other.status_code] == [200, 429, 200]
        assert refused.headers["Retry-After"] == "60"
        assert "X-Rate-Limit" in refused.headers
    # Published limits are a plans.
    limits = Limits.published("professional")

    assert (limits.account_per_minute, limits.endpoints["deleted-tickets-index"].total) == (400, 10)


def test_without_limits_the_headers_are_there_and_nothing_is_refused(desk):
    answers = [desk.call("GET", "deleted_tickets") for _ in range(12)]

    assert {one.status_code for one in answers} == {200}
    assert "X-Rate-Limit-Remaining" in answers[0].headers
    assert answers[0].headers["X-Request-Id"]


def test_an_ordered_answer_comes_so_many_times_and_has_no_effect(desk):
    desk.state.faults.add(OrderedFault(method="DELETE", path="tickets/1$", times=2, status=503, retry_after=7))

    answers = [desk.call("DELETE", "tickets/1") for _ in range(3)]

    assert [one.status_code for one in answers] == [503, 503, 204]
    assert (answers[0].headers["Retry-After"], answers[0].content) == ("7", b"")


def test_a_cut_connection_comes_before_or_after_the_effect(desk):
    desk.state.faults.add(OrderedFault(method="DELETE", path="tickets/1$", action=Action.CUT))
    desk.state.faults.add(OrderedFault(method="DELETE", path="tickets/2$", action=Action.CUT_AFTER))

    for ticket_id in (1, 2):
        with pytest.raises(requests.ConnectionError):
            desk.call("DELETE", f"tickets/{ticket_id}")

    assert (1 in desk.state.tickets, 2 in desk.state.tickets) == (True, False)
    assert desk.call("GET", "tickets/1").status_code == 200


def test_an_answer_can_break_off_before_the_length_it_promised(desk):
    desk.state.faults.add(OrderedFault(path="tickets/1$", status=200, body="short", headers={"Content-Length": "500"}))

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        desk.call("GET", "tickets/1")

    assert desk.call("GET", "tickets/1").status_code == 200


def test_a_held_call_waits_until_it_is_released(desk):
    fault = desk.state.faults.add(OrderedFault(path="tickets/1$", action=Action.HOLD))
    answers = []
    caller = threading.Thread(target=lambda: answers.append(desk.call("GET", "tickets/1").status_code))
    caller.start()
    assert fault.waiting.wait(10)
    held = list(answers)
    other = desk.call("GET", "tickets/2").status_code
    fault.released.set()
    caller.join(10)

    assert (held, other, answers) == ([], 200, [200])


def test_the_switches_order_faults_and_tell_what_happened(desk):
    order = {"method": "GET", "path": "/users/me", "status": 500, "body": "broken"}
    ordered = requests.post(f"{desk.url}/__sandbox/faults", json=order, timeout=10)
    broken = desk.call("GET", "users/me.json")
    refused = requests.post(f"{desk.url}/__sandbox/faults", json={"action": "explode"}, timeout=10)
    log = requests.get(f"{desk.url}/__sandbox/requests", timeout=10).json()["requests"]

    assert (ordered.status_code, refused.status_code) == (201, 400)
    assert (broken.status_code, broken.text) == (500, "broken")
    assert [(one["method"], one["path"], one["status"], one["authenticated"]) for one in log] == [
        ("POST", "/oauth/tokens", 200, False),
        ("GET", "/api/v2/users/me.json", 500, True),
    ]
    assert log[1]["request_id"] == broken.headers["X-Request-Id"]


def test_the_switches_finish_what_goes_on_in_the_background_and_dump_everything(desk):
    desk.call("DELETE", "tickets/1")
    desk.call("DELETE", "deleted_tickets/1")
    desk.call("DELETE", f"users/{ANNA}")
    desk.call("DELETE", f"deleted_users/{ANNA}")
    before = requests.get(f"{desk.url}/__sandbox/dump", timeout=10)
    requests.post(f"{desk.url}/__sandbox/settle", timeout=10)
    after = requests.get(f"{desk.url}/__sandbox/dump", timeout=10)

    assert "4711" in before.text
    assert "Anna Example" in before.text
    assert "4711" not in after.text
    assert "Anna Example" not in after.text
    assert after.text == json.dumps(after.json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_there_are_no_switches_unless_asked_for():
    with helpdesk() as desk:
        assert requests.get(f"{desk.url}/__sandbox/dump", timeout=10).status_code == 404


def test_a_body_that_is_no_json_is_refused(desk):
    response = desk.call("PUT", "tickets/1", data=b"{", headers={"Content-Type": "application/json"})

    assert response.status_code == 400


@pytest.fixture
def data_file(tmp_path):
    file = tmp_path / "helpdesk.json"
    file.write_text(json.dumps(data()), encoding="utf-8")
    return file


@pytest.mark.parametrize("missing", ["HELPDESK_CLIENT_ID", "HELPDESK_CLIENT_SECRET"])
def test_it_does_not_start_without_credentials(monkeypatch, capsys, data_file, missing):
    monkeypatch.setenv("HELPDESK_CLIENT_ID", "rightsflow")
    monkeypatch.setenv("HELPDESK_CLIENT_SECRET", SECRET)
    monkeypatch.delenv(missing)

    assert main(["--port", "1", "--data", str(data_file)]) == 2
    assert capsys.readouterr().err.startswith(f"Set {missing} in the environment")


def test_it_says_what_is_wrong_with_the_data(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("HELPDESK_CLIENT_ID", "rightsflow")
    monkeypatch.setenv("HELPDESK_CLIENT_SECRET", SECRET)
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")

    assert main(["--port", "1", "--data", str(tmp_path / "none.json")]) == 2
    assert main(["--port", "1", "--data", str(broken)]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.apart
def test_it_serves_as_a_process_until_it_is_told_to_stop(data_file):
    with listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    environment = os.environ | {"HELPDESK_CLIENT_ID": "demo", "HELPDESK_CLIENT_SECRET": SECRET}
    command = [sys.executable, "-m", "rightsflow_sandbox.helpdesk", "--port", str(port), "--data", str(data_file)]
    process = subprocess.Popen([*command, "--admin"], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{port}"
        first = _first_answer(f"{url}/api/v2/users/me", process)
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": SECRET}
        token = requests.post(f"{url}/oauth/tokens", json=form, timeout=10)
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=20)

    assert (first.status_code, token.status_code) == (200, 200)
    assert errors == ""


def _first_answer(url, process):
    """Ask until the process listens; connection attempts are refused at once until then."""
    while process.poll() is None:
        try:
            return requests.get(url, timeout=10)
        except requests.ConnectionError:
            threading.Event().wait(0.05)
    raise AssertionError(process.stderr.read())
