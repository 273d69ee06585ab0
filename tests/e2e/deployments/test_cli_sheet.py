"""After a command the case's sheet in Prefect's UI is current, and a server that is down spoils nothing."""

from __future__ import annotations

import socket

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.support.canary import Scanner
from tests.support.flow_runs import artifact
from tests.support.homes import ANNA, BY
from tests.support.identity import as_options

SCANNER = Scanner(ANNA)
REASON = "140 hours of call recordings in three systems have to be screened for the voices of others."
DOUBT = "The request came from an address that was not used before."
ACTS = (
    (("letter ask", "--doubt", DOUBT), "The question for proof of identity (L2) has not gone out."),
    (("letter mark-sent", "--letter", "L2"), "The clock has been suspended since"),
    (("extend", "--reason", REASON), "The notice of extension (L6) has not gone out."),
    (("case hand-over", "--to", "dpo", "--reason", "leave"), "| case_owner | dpo | Dana Decider |"),
    (("identity", *as_options()), "state **in progress**"),
    (("letter ask", "--areas", "tickets, calls"), "The question what is meant (L3) has not gone out."),
    (("letter mark-sent", "--letter", "L3"), "The person was asked what they mean"),
    (("case clarify",), "The person answered what they mean"),
)


@pytest.mark.apart
def test_each_act_is_on_the_sheet(home, prefect_server):
    case = home.open(name=ANNA["name"])
    for (command, *given), words in ACTS:
        with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
            said = home.run(*command.split(), case.lower(), *given, *BY, "--json")
            assert (said.status, said.err) == (0, "")
            text = artifact(case)
        assert words in text
        assert not SCANNER.scan(text.encode(), "sheet")


def test_a_decision_is_on_the_sheet(home, prefect_server):
    case = home.wait_for_approval(home.open("erasure"))
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        assert home.run("decide", case, "--approve", *BY).status == 0
        assert "| approval | approved  | Dana Decider |" in artifact(case)


@pytest.mark.parametrize(
    "address",
    [pytest.param("http://127.0.0.1:{port}/api", marks=pytest.mark.apart, id="down"), pytest.param("zebra", id="none")],
)
def test_a_server_that_does_not_answer_spoils_no_act(home, address):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = address.format(port=listener.getsockname()[1])
    case = home.open()
    with temporary_settings({PREFECT_API_URL: url}):
        done = home.run("case", "hand-over", case, "--to", "dpo", "--reason", "leave", *BY, "--json")
        decided = home.run("identity", case, *as_options(), *BY, "--json")
    assert [(said.status, said.err) for said in (done, decided)] == [(0, "")] * 2
    assert home.overview(case)["owner"] == "dpo"
