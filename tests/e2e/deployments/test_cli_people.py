"""``rightsflow people``: invite, list, sign out."""

from __future__ import annotations

from rightsflow.app import current_store
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile
from tests.support.signing_in import QUICK


def test_the_link_is_printed_once_and_lets_that_person_in(home, monkeypatch):
    people = {one["person"]: one for one in home.run("people", "list", "--json").document}
    assert people["dana"] == {"person": "dana", "name": "Dana Example", "roles": ["approver"], "account_since": None}
    assert "not set up yet" in home.run("people", "list").out

    said = home.run("people", "invite", "management")
    assert said.status == 2
    assert "roles" in said.err

    assert home.run("people", "sign-out", "dana", "--json").document == {"person": "dana", "sessions": 0}
    assert home.run("people", "sign-out", "nobody").status == 2

    invited = home.run("people", "invite", "dana").out
    assert "Dana Example (approver) can open this link once" in invited
    token = invited.split("/desk/invitation/")[1].split()[0]
    monkeypatch.setenv("RIGHTSFLOW_HOME", str(home.state))
    door = Door(current_store, RosterFile(home.config), QUICK)
    assert door.invited(token)[0].key == "dana"
