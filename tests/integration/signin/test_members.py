"""Those who may sign in, as the configuration says it now."""

from __future__ import annotations

from importlib.resources import files

import pytest

from rightsflow.domain.accounts import Role
from rightsflow.domain.errors import Misconfigured
from rightsflow.signin.members import RosterFile
from tests.support.signing_in import PEOPLE, settings_with

TEMPLATE = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rightsflow.toml"
    path.write_text(TEMPLATE)
    return path


def test_the_first_configuration_has_an_admin_and_an_approver(file):
    roles = {role for member in RosterFile(file)().members.values() for role in member.roles}
    assert {Role.ADMIN, Role.OFFICER, Role.APPROVER} <= roles


def test_what_is_changed_counts_at_once(file):
    roster = RosterFile(file)
    assert "dana" in roster().members
    file.write_text(TEMPLATE.replace(', roles = ["approver"]', ""))
    assert "dana" not in roster().members


def test_a_file_that_is_wrong_lets_nobody_in_by_what_it_said_before(file):
    roster = RosterFile(file)
    assert roster().members
    file.write_text("[controller")
    with pytest.raises(Misconfigured):
        roster()
    file.unlink()
    with pytest.raises(Misconfigured):
        roster()


def test_people_are_meant_by_key_and_by_the_name_of_who_holds_a_role(file):
    roster = RosterFile(file)()
    assert roster.called("Ines  example").key == "dpo"
    assert roster.called("DANA").name == "Dana Example"
    assert roster.called("Head of customer care") is None


def test_two_with_roles_have_two_names(file):
    with pytest.raises(ValueError, match="four eyes"):
        settings_with(PEOPLE | {"double": ("olga  officer", ["approver"])})


def test_without_roles_there_is_no_desk_and_names_are_typed_as_before():
    settings = settings_with({})
    assert (settings.has_desk, settings.refuses_typed_names) == (False, False)


def test_with_a_desk_typed_names_are_refused_unless_they_are_allowed():
    assert settings_with().refuses_typed_names
    assert not settings_with(typed_names="allowed").refuses_typed_names
