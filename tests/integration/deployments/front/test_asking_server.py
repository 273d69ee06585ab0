"""What is in front of Prefect's server asks that server, and works out once how."""

from __future__ import annotations

from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, get_current_settings, temporary_settings

from deployments.front.with_desk import AskingServer
from deployments.server_access import Access

asking = AskingServer(Access("http://127.0.0.1:1/api", "officer:of this server"))


def _asked():
    with asking():
        return get_current_settings(), PREFECT_API_URL.value(), PREFECT_API_AUTH_STRING.value()


def test_it_is_that_server_that_is_asked_and_only_within():
    before = PREFECT_API_URL.value()
    assert _asked()[1:] == ("http://127.0.0.1:1/api", "officer:of this server")
    assert PREFECT_API_URL.value() == before


def test_what_it_takes_is_worked_out_again_only_where_this_processes_settings_are_others():
    first = _asked()[0]
    assert _asked()[0] is first
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:2/api"}):
        assert _asked()[0] is not first
        assert _asked()[1] == "http://127.0.0.1:1/api"
