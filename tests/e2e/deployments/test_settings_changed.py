"""Settings that change while parts run: what reads them anew has them at once, and what does not is named."""

from __future__ import annotations

import pytest

from deployments.renewal import RunningApp, note_part, settings_differences
from rightsflow.app import current_app
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.running_parts import DESK, LISTENER

MAIL = """
[delivery.mail]
host     = "mail.example.com"
sender   = "rights@example.com"
username = "rights"
password = "env:RIGHTSFLOW_TEST_SMTP"
"""


@pytest.mark.apart
def test_a_mail_server_that_is_named_while_the_desk_runs_is_one_for_the_desk_and_for_doctor(home, monkeypatch):
    """Before, `doctor` said that the mail server lets us in, and the running desk that there is none."""
    running = RunningApp(DESK, clock=iter(range(0, 10_000, 100)).__next__)
    assert not running().present.has_mail
    note_part(running(), LISTENER)
    assert settings_differences(running()) == []

    text = home.config.read_text()
    home.config.write_text(text + MAIL)
    app = running()
    assert app.present.has_mail
    lacks = settings_differences(app)
    assert any(item.startswith("The listener runs with the settings of ") for item in lacks)
    assert any(item.startswith("The desk has no value for env:RIGHTSFLOW_TEST_SMTP; set it") for item in lacks)

    monkeypatch.setenv("RIGHTSFLOW_TEST_SMTP", "the desk was started before")
    seen = home.run("doctor", "--json").document["running parts"]
    assert seen["is_doubtful"]
    assert "The desk has no value for env:RIGHTSFLOW_TEST_SMTP, which is set here" in seen["detail"]
    assert "The listener runs with the settings of" in seen["detail"]

    running()
    assert not any("no value" in item for item in settings_differences(current_app()))
    home.config.write_text(text + "[delivery.mail]\n")
    with pytest.raises(Misconfigured, match="delivery"):
        running()
