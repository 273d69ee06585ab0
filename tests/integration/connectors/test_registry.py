"""The registry: ours and third parties' connectors by name, each loaded only where it is used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest

from connectors import registry
from connectors.registry import GROUP, ConnectorType, connector_for, connectors_for, system_settings
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import Misconfigured

RECORD_OF_PROCESSING = {
    "purposes": ["service"],
    "categories": ["contact data"],
    "source": "the data subject",
    "retention": "24 months",
}


def settings_with(**systems: dict[str, object]) -> Settings:
    return Settings.model_validate(
        {
            "controller": {
                "name": "Example Devices GmbH",
                "country": "PT",
                "timezone": "Europe/Lisbon",
                "authority": {"name": "CNPD", "url": "https://www.cnpd.pt"},
            },
            "owners": {
                role: {"name": role, "email": f"{role.replace('_', '-')}@example.com"}
                for role in ("case_owner", "dpo", "management")
            },
            "systems": {name: RECORD_OF_PROCESSING | section for name, section in systems.items()},
        }
    )


PLUGIN = """
    from connectors.registry import ConnectorType
    from rightsflow.config.sections.system_settings import SystemSettings
    from rightsflow.testing.fakes import FakeSystem

    class ThirdParty(FakeSystem):
        pass

    class ThirdPartySettings(SystemSettings):
        desk: str

    built = []

    def build(system, settings, place):
        built.append((system, settings.desk, place))
        return ThirdParty(system=system)

    CONNECTOR = ConnectorType(settings=ThirdPartySettings, build=build)

    class Begun:
        def __init__(self, system):
            self.system = system

        def probe(self):
            ...

    BEGUN = ConnectorType(settings=ThirdPartySettings, build=lambda system, settings, place: Begun(system))
"""


@pytest.fixture
def third_party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installed package with one good connector, one that is not whole, and four that cannot be loaded."""
    (tmp_path / "thirdparty_connector.py").write_text(dedent(PLUGIN))
    (tmp_path / "thirdparty_broken.py").write_text("import a_package_that_is_not_there\n")
    # As Python says it where a distribution's extra was not installed.
    (tmp_path / "thirdparty_needy.py").write_text("raise ModuleNotFoundError('no', name='botocore.config')\n")
    about = tmp_path / "thirdparty_connector-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty-connector\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        dedent(f"""\
            [{GROUP}]
            thirdparty = thirdparty_connector:CONNECTOR
            begun = thirdparty_connector:BEGUN
            broken = thirdparty_broken:CONNECTOR
            needy = thirdparty_needy:CONNECTOR
            nameless = thirdparty_connector:NOTHING
            mistaken = thirdparty_connector:build
        """)
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._entry_points.cache_clear()
    yield
    registry._entry_points.cache_clear()
    for name in ("thirdparty_connector", "thirdparty_broken"):
        sys.modules.pop(name, None)


def test_each_of_ours_is_a_connector_type() -> None:
    for entry in entry_points(group=GROUP):
        kind = entry.load()  # type: ignore[attr-defined]
        assert isinstance(kind, ConnectorType)
        assert issubclass(kind.settings, SystemSettings)


def test_ours_are_registered() -> None:
    assert {entry.name for entry in entry_points(group=GROUP)} >= {"zendesk", "stripe", "s3", "sql"}


@pytest.mark.usefixtures("third_party")
class TestThirdParties:
    def test_their_connector_is_built_once_with_its_settings_and_the_place(self) -> None:
        # Their connector is built with its settings and the place.
        settings = settings_with(tickets={"connector": "thirdparty", "desk": "north"})
        connector = connector_for(settings, "tickets")
        assert isinstance(connector, Connector)
        assert connector.system == "tickets"
        built = sys.modules["thirdparty_connector"].built
        assert [(name, desk) for name, desk, _ in built] == [("tickets", "north")]
        assert (built[0][2].country, built[0][2].timezone) == ("PT", "Europe/Lisbon")
        # There is one per system.
        section = {"connector": "thirdparty", "desk": "north"}
        settings = settings_with(tickets=section, other=section | {"desk": "south"})
        connectors = connectors_for(settings)
        assert {name: one.system for name, one in connectors.items()} == {"tickets": "tickets", "other": "other"}
        # A misspelt issuer would join nothing and say nothing.
        section = {"connector": "zendesk", "base_url": "https://example.zendesk.com", "client_id": "c"}
        section |= {"client_secret": "env:S", "account_id_fields": {"payer": "payment"}}
        payments = {"connector": "thirdparty", "desk": "north"}
        with pytest.raises(
            Misconfigured, match=r"\[systems.helpdesk\]: the issuer payment .* use one of helpdesk, pay"
        ):
            connectors_for(settings_with(helpdesk=section, payments=payments))
        renamed = section | {"account_id_fields": {"payer": "payments"}}
        connectors = connectors_for(settings_with(helpdesk=renamed, payments=payments))
        assert connectors["helpdesk"].capabilities.account_issuers == {"payments"}

    def test_the_record_of_processing_is_read_without_building(self) -> None:
        settings = settings_with(tickets={"connector": "thirdparty", "desk": "north"})
        section = system_settings(settings)["tickets"]
        assert (section.purposes, section.retention) == (("service",), "24 months")
        assert sys.modules["thirdparty_connector"].built == []

    def test_what_cannot_be_loaded_is_one_sentence(self) -> None:
        # A package that is broken harms no one who does not use it.
        settings = settings_with(tickets={"connector": "thirdparty", "desk": "north"})
        assert set(connectors_for(settings)) == {"tickets"}
        assert "thirdparty_broken" not in sys.modules
        # What cannot be loaded is one sentence.
        for name in ("broken", "nameless", "mistaken"):
            with pytest.raises(Misconfigured, match=f"the connector {name} cannot be loaded") as caught:
                connector_for(settings_with(tickets={"connector": name}), "tickets")
            assert str(caught.value).startswith("rightsflow.toml [systems.tickets]: ")
        # A library that is an extra is named with what installs it.
        with pytest.raises(Misconfigured) as caught:
            connector_for(settings_with(tickets={"connector": "needy"}), "tickets")
        assert str(caught.value) == (
            "rightsflow.toml [systems.tickets]: the connector needy needs a library; "
            "run `pip install 'rightsflow[s3]'`."
        )
        # Before, `doctor` reported an AttributeError of ours to the author of one that was begun.
        settings = settings_with(tickets={"connector": "begun", "desk": "north"})
        with pytest.raises(Misconfigured) as refused:
            connectors_for(settings)
        assert str(refused.value) == (
            "rightsflow.toml [systems.tickets]: its connector has no capabilities, samples, locate, extract, erase, "
            "presence; give it every member of rightsflow.domain.connector.Connector."
        )

    def test_a_wrong_section_is_named(self) -> None:
        # A wrong key is named with its section.
        settings = settings_with(tickets={"connector": "thirdparty", "desk": "north", "dsk": "x"})
        with pytest.raises(Misconfigured, match=r"rightsflow.toml \[systems.tickets\]: the key dsk is not known"):
            connectors_for(settings)
        with pytest.raises(Misconfigured, match=r"\[systems.tickets\]: the key desk is missing; add it"):
            system_settings(settings_with(tickets={"connector": "thirdparty"}))
        with pytest.raises(Misconfigured, match="the key connector is missing"):
            connector_for(settings_with(tickets={"conector": "thirdparty"}), "tickets")
        # An unknown name lists the known ones.
        for section in ({"connector": "thirdpatry"}, {"connector": 7}):
            with pytest.raises(Misconfigured, match=r"the key connector is wrong: use one of .*stripe.*thirdparty"):
                connector_for(settings_with(tickets=section), "tickets")


def test_a_system_that_is_not_configured_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"There is no \[systems.payments\]"):
        connector_for(settings_with(tickets={"connector": "stripe"}), "payments")


def test_a_document_class_of_a_kind_that_there_is_not_is_refused_with_the_kinds_there_are() -> None:
    """Before, a kind that was mistyped was passed over, and the class that a person had stated covered nothing."""
    section = {"connector": "s3", "bucket": "calls", "match": {"by": "metadata", "keys": {"caller": "phone"}}}
    (kind, *_) = sorted(one.name for one in connectors_for(settings_with(calls=section))["calls"].capabilities.kinds)
    assert connectors_for(settings_with(calls=section | {"document_classes": {kind: "none"}}))
    with pytest.raises(Misconfigured, match=rf"names the kind tickte, which .* its kinds are .*{kind}"):
        connectors_for(settings_with(calls=section | {"document_classes": {kind: "none", "tickte": "none"}}))
