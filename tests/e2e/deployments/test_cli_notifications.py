"""The command line about those who are told: what ``doctor`` sees, and what ``up``, ``deploy`` and ``watch`` say.

The mail servers are real ones on this machine.
"""

from __future__ import annotations

import re
import socket

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.cli.parts import CommandParts
from tests.support.homes import assert_one_sentence
from tests.support.post import smtp_server

MAIL = """
[{section}.mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "rights@example.com"
"""
LOGIN = 'username = "rightsflow"\npassword = "env:MAIL_PASSWORD"\n'
CHANNELS = '[notifications]\nchannels = ["slack-webhook/privacy-team", "ms-teams-webhook/board"]\n'


@pytest.fixture
def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def configure(home, *sections):
    home.config.write_text(home.config.read_text() + "".join(f"\n{section}" for section in sections))


def doctor(home):
    said = home.run("doctor", "--json")
    return said, said.document["notifications"]


class TestDoctor:
    def test_it_warns_when_nobody_is_told_and_that_is_no_failure(self, home):
        said, check = doctor(home)
        assert (said.status, said.err) == (0, "")
        assert (check["ok"], check["is_doubtful"]) == (True, True)
        assert check["detail"].startswith("No alerts are sent outside the UI; fill in [notifications]")
        assert "mail of letters" not in said.document
        (line,) = [line for line in home.run("doctor").out.splitlines() if "notifications" in line]
        assert line.split()[:2] == ["!", "notifications"]

    def test_channels_alone_are_counted(self, home):
        configure(home, CHANNELS)
        said, check = doctor(home)
        assert said.status == 0
        assert (check["detail"], check["is_doubtful"]) == ("Can be told of alerts: 0 people, 2 channels.", False)

    def test_the_mail_servers_let_us_in_and_get_no_mail(self, home, monkeypatch):
        monkeypatch.setenv("MAIL_PASSWORD", "opensesame")
        options = {"with_login": True, "auth_require_tls": False}
        with smtp_server(**options) as alerts, smtp_server() as letters:
            configure(
                home,
                MAIL.format(section="notifications", port=alerts.port) + LOGIN,
                MAIL.format(section="delivery", port=letters.port),
            )
            said, check = doctor(home)
        assert said.status == 0
        assert check["detail"] == (
            f"Can be told of alerts: 5 people, 0 channels. The mail server 127.0.0.1:{alerts.port} lets us in."
        )
        assert said.document["mail of letters"]["ok"]
        assert alerts.logins == [(b"rightsflow", b"opensesame")]
        assert (alerts.messages, letters.messages) == ([], [])

    @pytest.mark.parametrize(
        ("section", "check"), [("notifications", "notifications"), ("delivery", "mail of letters")]
    )
    def test_a_mail_server_that_does_not_answer_is_a_failure_with_its_mend(self, home, free_port, section, check):
        configure(home, MAIL.format(section=section, port=free_port))
        said, _ = doctor(home)
        assert said.status == 1
        assert said.err.startswith(f"Not in order: {check};")
        detail = said.document[check]["detail"]
        assert f"The mail server 127.0.0.1:{free_port} did not let us in: ConnectionRefusedError." in detail
        assert detail.endswith(f"Check [{section}.mail] in rightsflow.toml.")

    @pytest.mark.parametrize("password", ["wrong", None])
    def test_a_login_that_does_not_fit_is_a_failure(self, home, monkeypatch, password):
        monkeypatch.delenv("MAIL_PASSWORD", raising=False)
        if password:
            monkeypatch.setenv("MAIL_PASSWORD", password)
        with smtp_server(with_login=True, auth_require_tls=False) as box:
            configure(home, MAIL.format(section="notifications", port=box.port) + LOGIN)
            said, check = doctor(home)
        assert (said.status, check["ok"]) == (1, False)
        assert ("status 535" if password else "MAIL_PASSWORD") in check["detail"]


@pytest.fixture
def planned(home):
    """Run ``up`` as far as its plan; returns that, and what the command said."""

    def run(**more):
        plans = []
        said = home.run("up", parts=CommandParts(hold_up=plans.append, **more))
        assert said.status == 0
        return plans[0], said

    return run


def test_up_plans_the_desk_and_shows_a_file_no_invitation(home, planned):
    plan, said = planned()
    assert (said.out, said.err) == ("", "")
    assert (plan.home, plan.port, plan.pool_type, plan.has_desk) == (home.state, 4200, "rightsflow", True)
    assert plan.sign_in == ["No one has an account yet; `rightsflow people invite ada` prints a link."]


def test_up_starts_a_process_for_each_run_where_prefect_is_another_one(planned):
    plan, said = planned(why_not=lambda: "Prefect 4 differs.")
    assert said.err.splitlines()[0] == (
        "Warning: Prefect 4 differs. Each run gets a process of its own, as with --pool-type process, which is slower."
    )
    assert plan.pool_type == "process"


class TestServer:
    @pytest.mark.parametrize("command", ["watch", "deploy"])
    def test_without_a_server_that_lasts_there_is_one_sentence(self, home, command):
        said = home.run("service", command)
        assert_one_sentence(said, 2)
        assert said.err.startswith("No Prefect server is up or named; run `rightsflow up`")
        assert not (home.state / "prefect").exists()

    @pytest.mark.apart
    @pytest.mark.parametrize("command", ["watch", "deploy"])
    def test_a_server_that_does_not_answer(self, home, free_port, command):
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{free_port}/api"}):
            said = home.run("service", command)
        assert_one_sentence(said, 1)
        assert "does not answer; start it, or correct PREFECT_API_URL." in said.err

    @pytest.mark.apart
    def test_watch_sweeps_on_the_server_that_is_named(self, home, prefect_server):
        with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
            said = home.run("service", "watch", "--json")
        assert (said.status, said.document["run"]) == (0, "Completed")

    @pytest.mark.apart
    def test_deploy_says_what_is_wrong_with_a_channel_and_does_the_rest(self, home, prefect_server):
        configure(home, CHANNELS)
        with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
            said = home.run("service", "deploy", "--json")
            people = home.run("service", "deploy")
        assert said.status == people.status == 1
        assert set(said.document["deployments"]) >= {"open-from-ticket", "watch-deadlines"}
        assert len(said.document["problems"]) == said.err.count("\n") == 2
        assert "no block privacy-team of the type slack-webhook; create it with" in said.err
        assert "are up to date" in people.out


def test_without_roles_there_is_no_desk(home, planned):
    home.config.write_text(re.sub(r", roles = \[.*?\]", "", home.config.read_text()))
    plan, _ = planned()
    assert (plan.has_desk, plan.sign_in) == (False, [])
