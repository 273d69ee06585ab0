"""The configuration file: validated whole, with messages that name the key and how to fix it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.processor_settings import OpenDsrSettings
from rightsflow.config.sections.section import Strict, validate
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import load_settings
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.forecast import Expectation, Part

GOOD = """
[controller]
name = "Example Devices GmbH"
country = "DE"
timezone = "Europe/Berlin"
authority = { name = "BayLDA", url = "https://www.lda.bayern.de" }

[owners]
case_owner = { name = "Subject rights desk", email = "rights@example.com" }
dpo        = { name = "Data protection officer", email = "dpo@example.com" }
management = { name = "Head of customer care", email = "care@example.com" }

[systems.helpdesk]
connector = "zendesk"
base_url = "https://example.zendesk.com"
"""


def written(folder: Path, text: str = GOOD) -> Path:
    path = folder / "rightsflow.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.long
def test_a_whole_file_is_read_and_its_faults_name_file_key_and_mend(tmp_path: Path) -> None:
    # A whole file.
    settings = load_settings(written(tmp_path))
    assert settings.controller.name == "Example Devices GmbH"
    assert settings.controller.zone.key == "Europe/Berlin"
    assert settings.owners.dpo.email == "dpo@example.com"
    assert settings.systems == {"helpdesk": {"connector": "zendesk", "base_url": "https://example.zendesk.com"}}
    text = changed('country = "DE"', 'country = "DE"\nsubdivision = "BY"')
    assert load_settings(written(tmp_path, text)).controller.subdivision == "BY"
    # A fault names the file the key and how to fix it.
    for text, key, mend in WRONG.values():
        with pytest.raises(Misconfigured) as caught:
            load_settings(written(tmp_path, text))
        sentence = str(caught.value)
        assert sentence.startswith("rightsflow.toml: the key ")
        assert key in sentence
        assert mend in sentence or mend.replace("e-mail", "email") in sentence
        assert "\n" not in sentence
        assert caught.value.__suppress_context__
    with pytest.raises(Misconfigured, match="rightsflow init"):
        load_settings(tmp_path / "none.toml")
    # What is not TOML is named.
    for content, mend in (
        (b"[controller\n", "not valid TOML"),
        (b"a = 1\na = 2\n", "not valid TOML"),
        (b"\xff\xfea", "UTF-8"),
    ):
        path = tmp_path / "rightsflow.toml"
        path.write_bytes(content)
        with pytest.raises(Misconfigured, match=mend):
            load_settings(path)


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


POLICY = '\n[[policies]]\nname = "x"\nversion = 1\nright = "access"\nidentity = ["logged in to the account"]\n'

# The fault, the key that the sentence names, and how to fix it.
WRONG = {
    "a missing section": (changed("[controller]", "[controler]"), "controller", "add it"),
    "a missing key": (changed('name = "Example Devices GmbH"\n', ""), "controller.name", "add it"),
    "an unknown section": (GOOD + "\n[ownrs]\n", "ownrs", "owners, people, policies, processors, retention"),
    "an unknown key": (changed('country = "DE"', 'country = "DE"\nland = "DE"'), "controller.land", "remove it"),
    "a country in words": (changed('"DE"', '"Germany"'), "controller.country", "match"),
    "a country without holidays": (changed('"DE"', '"ZZ"'), "controller.country is wrong", "use an ISO 3166 code"),
    "an unknown part of a country": (
        changed('country = "DE"', 'country = "DE"\nsubdivision = "ZZ"'),
        "controller.subdivision is wrong",
        "use an ISO 3166 code such as DE, and BY for its part.",
    ),
    "a part of another country": (
        changed('country = "DE"', 'country = "FR"\nsubdivision = "BY"'),
        "controller.subdivision is wrong",
        "use an ISO 3166 code",
    ),
    "an unknown time zone": (changed("Europe/Berlin", "Europe/Bonn"), "controller.timezone", "Europe/Berlin"),
    "a fixed offset": (changed("Europe/Berlin", "+01:00"), "controller.timezone", "IANA"),
    "an unknown law": (changed('country = "DE"', 'country = "DE"\nregime = "hipaa"'), "controller.regime", "gdpr"),
    "a bad address": (changed("dpo@example.com", "dpo"), "owners.dpo.email", "e-mail"),
    "a bad link": (changed("https://www.lda.bayern.de", "lda"), "controller.authority.url", "URL"),
    "a bad name of a system": (changed("systems.helpdesk", 'systems."Help Desk"'), "systems.Help Desk", "match"),
    "no systems": (GOOD[: GOOD.index("[systems")] + "[systems]\n", "systems", "1 item"),
    "a system that is no section": (
        GOOD[: GOOD.index("[systems")] + "[systems]\nhelpdesk = 'zendesk'\n",
        "systems.helpdesk",
        "dictionary",
    ),
    "an expectation the wrong way round": (
        GOOD + "\n[expectations]\nidentity = { typical = 10, at_most = 3 }\n",
        "expectations.identity",
        "at_most no less than typical",
    ),
    "an expectation of no time": (
        GOOD + "\n[expectations]\nsearch = { typical = 1e-12, at_most = 3 }\n",
        "expectations.search",
        "typical has to be above 0",
    ),
    "an expectation without an end": (
        GOOD + "\n[expectations]\nanswer = { typical = 1, at_most = inf }\n",
        "expectations.answer.at_most",
        "less than or equal to 366",
    ),
    "a policy without a version": (
        GOOD + '\n[[policies]]\nname = "x"\nright = "access"\nidentity = ["logged in to the account"]\n',
        "policies.0.version is missing",
        "add it",
    ),
    "a policy that accepts any check": (
        GOOD + '\n[[policies]]\nname = "x"\nversion = 1\nright = "access"\nidentity = []\n',
        "policies.0.identity",
        "at least 1 item",
    ),
    "a policy of another way": (
        GOOD + '\n[[policies]]\nname = "x"\nversion = 1\nright = "access"\n'
        'identity = ["another way (say which below)"]\n',
        "policies.0.identity.0",
        "give those that it accepts",
    ),
    "a policy of plain records that does not stand for the second person": (
        GOOD + POLICY + 'when = "plain records"\nmost_records = 5\nfields = { "helpdesk/ticket" = ["id"] }\n',
        "policies.0",
        "stands_for_second_person = true",
    ),
    "a policy of plain records without fields": (
        GOOD + POLICY + 'when = "plain records"\nmost_records = 5\nstands_for_second_person = true\n',
        "policies.0",
        "name in fields",
    ),
    "fields of a policy that releases nothing": (
        GOOD + POLICY + 'fields = { "helpdesk/ticket" = ["id"] }\n',
        "policies.0",
        'belong to when = "plain records"',
    ),
    "a policy of plain records of an unknown system": (
        GOOD
        + POLICY
        + 'when = "plain records"\nmost_records = 5\nstands_for_second_person = true\n'
        + 'fields = { "nowhere/ticket" = ["id"] }\n',
        "policy x names the system nowhere",
        "correct the name",
    ),
    "two policies of one name": (GOOD + 2 * POLICY, "policies is wrong", "give each a name of its own"),
    "an address of the desk with a path": (
        GOOD + '\n[desk]\naddress = "https://rights.example.com/desk/"\n',
        "desk.address is wrong",
        "give the server's address without a path",
    ),
    "an expectation of an unknown part": (
        GOOD + "\n[expectations]\nlunch = { typical = 1, at_most = 2 }\n",
        "expectations.lunch",
        "remove it",
    ),
}


def with_mail_at(host: str, security: str, section: str = "notifications") -> str:
    return f'{GOOD}\n[{section}.mail]\nhost = "{host}"\nsecurity = "{security}"\nsender = "a@example.com"\n'


def test_mail_goes_unencrypted_to_this_machine_only(tmp_path: Path) -> None:
    # Mail goes unencrypted to this machine only.
    for host in ("localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1"):
        mail = load_settings(written(tmp_path, with_mail_at(host, "none"))).notifications.mail
        assert mail is not None
        assert (mail.host, mail.security) == (host, "none")
    # Mail to another machine is encrypted.
    for host in ("mail.example.com", "10.0.0.5", "0.0.0.0", "::", "localhost.example.com", "127.0.0.1.example.com"):
        for section in ("notifications", "delivery"):
            with pytest.raises(
                Misconfigured, match=rf"the key {section}\.mail\.security is wrong: .*use starttls or tls"
            ):
                load_settings(written(tmp_path, with_mail_at(host, "none", section)))
            for security in ("starttls", "tls"):
                load_settings(written(tmp_path, with_mail_at(host, security, section)))


def test_periods_and_expectations_may_be_set_within_their_bounds(tmp_path: Path) -> None:
    # Periods and expectations may be set.
    # An expectation is given in days and the others stay.
    text = GOOD + "\n[expectations]\nidentity = { typical = 1.5, at_most = 4 }\n"
    found = load_settings(written(tmp_path, text)).expectations.by_part
    assert found[Part.IDENTITY] == Expectation(timedelta(hours=36), timedelta(days=4))
    assert found[Part.APPROVAL] == Expectation(timedelta(days=1), timedelta(days=3))
    assert set(found) == set(Part)
    # How long things are kept may be said.
    usual = load_settings(written(tmp_path)).retention
    assert (usual.evidence_months, usual.copies_days) == (None, 30)
    own = load_settings(written(tmp_path, GOOD + "\n[retention]\nevidence_months = 48\ncopies_days = 0\n")).retention
    assert (own.evidence_months, own.copies_days) == (48, 0)
    # A period outside its bounds is named.
    for line in ("evidence_months = 0", "copies_days = 31", "copies_days = -1", "evidence_months = 1.5"):
        with pytest.raises(Misconfigured, match=f"the key retention.{line.partition(' ')[0]} is wrong"):
            load_settings(written(tmp_path, f"{GOOD}\n[retention]\n{line}\n"))


class Section(SystemSettings):
    """A connector's section."""

    token: SecretRef


SECTION = {
    "connector": "x",
    "purposes": ["service"],
    "categories": ["contact data"],
    "source": "the data subject",
    "retention": "24 months",
    "token": "env:TEST_TOKEN",
}


class TestSections:
    def test_a_section_names_what_is_wrong_and_quotes_no_secret(self) -> None:
        # A section extends the record of processing.
        section = validate(Section, SECTION, "here")
        assert (section.purposes, section.recipients, section.transfers) == (("service",), (), "")
        assert section.token.reference == "env:TEST_TOKEN"
        # A secret in clear is refused and not quoted.
        with pytest.raises(Misconfigured, match=r"the key token is wrong: write a secret as a reference") as caught:
            validate(Section, SECTION | {"token": "sk_live_hunter2"}, "here")
        assert "hunter2" not in str(caught.value)
        # Art 15 needs purposes and categories.
        for key in ("purposes", "categories"):
            with pytest.raises(Misconfigured, match=f"the key {key} is wrong"):
                validate(Section, SECTION | {key: []}, "here")
        # The known keys are listed for an unknown one.
        with pytest.raises(
            Misconfigured, match="use one of backup_contents, backup_days, categories, connector"
        ) as caught:
            validate(Section, SECTION | {"tokn": "env:X"}, "rightsflow.toml [systems.x]")
        assert str(caught.value).startswith("rightsflow.toml [systems.x]: the key tokn is not known")

        # A fault of the whole section is a sentence too.
        class Empty(Strict):
            pass

        model: type[BaseModel] = Empty
        with pytest.raises(Misconfigured, match="the key the section is wrong"):
            validate(model, "no section", "here")  # type: ignore[arg-type]


def test_seals_are_published_where_a_place_is_named(tmp_path: Path) -> None:
    seals = load_settings(written(tmp_path)).seals
    assert (seals.publish, seals.mail, seals.keep_years, seals.overlap_days) == ((), None, 10, 30)
    for place in ("file:/srv/seals", "mailto:auditor@example.com", "s3://example-seals", "s3://example-seals/ledger/a"):
        assert load_settings(written(tmp_path, f'{GOOD}\n[seals]\npublish = ["{place}"]\n')).seals.publish == (place,)
    # What is no place for seals.
    for place in (
        "",
        "/srv/seals",
        "file:srv/seals",
        "mailto:auditor",
        "mailto:a b@example.com",
        "s3:bucket",
        "s3://",
        f"file:/{'x' * 200}",
    ):
        with pytest.raises(Misconfigured, match=r"seals\.publish\.0"):
            load_settings(written(tmp_path, f'{GOOD}\n[seals]\npublish = ["{place}"]\n'))
    # What is wrong with the seals is named.
    for section, key in (
        ('[seals.s3]\nendpoint_url = "http://s3.example.com"', "seals.s3.endpoint_url"),
        ('[seals.s3]\nendpoint_url = "https://key@s3.example.com"', "seals.s3.endpoint_url"),
        ('[seals.s3]\naccess_key_id = "env:ID"', "seals.s3"),
        ('[seals.s3]\naccess_key_id = "AKIAIOSFODNN7"\nsecret_access_key = "env:KEY"', "seals.s3.access_key_id"),
        ("[seals]\nkeep_years = 0", "seals.keep_years"),
        ("[seals]\noverlap_days = 0", "seals.overlap_days"),
        ('[seals.mail]\nhost = "smtp.example.com"\nsecurity = "none"\nsender = "a@example.com"', "seals.mail.security"),
    ):
        with pytest.raises(Misconfigured, match=f"the key {key} is wrong"):
            load_settings(written(tmp_path, f"{GOOD}\n{section}\n"))
    text = f'{GOOD}\n[seals.s3]\nendpoint_url = "http://localhost:9000/"\nregion = "eu-central-1"\n'
    assert load_settings(written(tmp_path, text)).seals.s3.endpoint_url == "http://localhost:9000"


def test_steps_at_once_is_a_small_number(tmp_path: Path) -> None:
    # How many steps work at a system is set for each.
    (name,) = load_settings(written(tmp_path)).systems
    assert load_settings(written(tmp_path)).steps_at_once == {name: 4}
    section = f"[systems.{name}]\n"
    limited = load_settings(written(tmp_path, changed(section, f"{section}steps_at_once = 2\n")))
    assert limited.steps_at_once == {name: 2}
    # Steps at once is a small number.
    for number in (0, 101, "2", True, 1.5):
        with pytest.raises(Misconfigured, match="steps_at_once"):
            validate(SystemSettings, {**SYSTEM, "steps_at_once": number}, "here")


SYSTEM = {"connector": "x", "purposes": ["p"], "categories": ["c"], "source": "s", "retention": "r"}


INBOUND = """
[inbound.opendsr]
base_url    = "https://dsr.example.com/v2"
certificate = "dsr.example.com.pem"
key         = "file:dsr.example.com.key"
"""


def controller(key: str, name: str = "Brand", identity: str = "brand", system: str = "helpdesk", more: str = "") -> str:
    return (
        f'\n[inbound.opendsr.controllers.{key}]\nname = "{name}"\ncontroller_id = "{identity}"\ntoken = "env:TOKEN"\n'
        f'systems = ["{system}"]\n{more}\n'
    )


def test_orders_and_certificates_are_looked_up_as_configured(tmp_path: Path) -> None:
    # Orders are off by default and each controller has its systems.
    assert load_settings(written(tmp_path)).inbound.opendsr is None
    section = load_settings(written(tmp_path, GOOD + INBOUND + controller("brand"))).inbound.opendsr
    assert section is not None
    assert (section.domain, section.controllers["brand"].systems) == ("dsr.example.com", ("helpdesk",))
    # Certificates of the internets authorities are looked up in their lists.
    for more, checks in (
        ("", True),
        ('ca_file = "ca.pem"\n', False),
        ('ca_file = "ca.pem"\nrevocation = "required"\n', True),
        ('revocation = "off"\n', False),
    ):
        section = load_settings(written(tmp_path, GOOD + INBOUND + more)).inbound.opendsr
        assert section is not None
        assert section.checks_revocation is checks


def test_a_dialect_is_known_and_has_its_credentials() -> None:
    for changes, words in (
        ({"dialect": "mparticle-v4"}, "dialect"),
        ({"dialect": "mparticle-v3"}, "needs token"),
        ({"dialect": "mparticle-v3", "token": "key:secret"}, "write a secret as a reference"),
    ):
        known = {
            "base_url": "https://opendsr.mparticle.com/v3",
            "domain": "opendsr.mparticle.com",
            "controller_id": "3622",
        }
        with pytest.raises(Misconfigured) as refused:
            validate(OpenDsrSettings, known | changes, "here")
        assert words in str(refused.value)
        given = validate(OpenDsrSettings, known | {"dialect": "mparticle-v3", "token": "env:KEY"}, "here")
        assert given.checks_revocation


AGENTS = """
[inbound.drp]
base_url    = "https://dsr.example.com/drp"
business_id = "EXAMPLE_BUSINESS"
"""
KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="


def agent(key: str, agent_id: str = "AGENT", verify_key: str = KEY) -> str:
    return f'\n[inbound.drp.agents.{key}]\nagent_id = "{agent_id}"\nname = "{key}"\nverify_key = "{verify_key}"\n'


def test_agents_are_off_by_default_and_bound_to_their_keys(tmp_path: Path) -> None:
    # Agents are off by default and bound to their keys.
    inbound = load_settings(written(tmp_path)).inbound
    assert (inbound.drp, inbound.is_listened_to) == (None, False)
    section = load_settings(written(tmp_path, GOOD + AGENTS + agent("one"))).inbound.drp
    assert section is not None
    assert section.agents["one"].binding == f"AGENT/{KEY}"
    # What would mix agents or lower the guard is refused.
    for text, words in (
        (AGENTS.replace("https:", "http:"), "give an https address"),
        (AGENTS.replace("EXAMPLE_BUSINESS", "example"), "business_id"),
        (AGENTS + agent("one", agent_id="AGENT\\n"), "agent_id"),
        (AGENTS + agent("one", verify_key="AAAA"), "Ed25519 verify key in base64"),
        (AGENTS + agent("one", verify_key="__-_"), "Ed25519 verify key in base64"),
        (AGENTS + agent("one") + agent("two"), "the same agent_id"),
        (AGENTS + agent("one") + agent("two", agent_id="OTHER"), "the same verify_key"),
        (AGENTS + 'certificate = "agents.pem"\n', "certificate and key go together"),
        (AGENTS + 'verification_url = "https://example.com/?a=b"\n', "verification_url"),
        (INBOUND + AGENTS.replace("/drp", "/v2"), "have the same path"),
    ):
        with pytest.raises(Misconfigured) as refused:
            load_settings(written(tmp_path, GOOD + text))
        assert words in str(refused.value)
    # What would mix controllers or lower the guard is refused.
    for text, words in (
        (INBOUND.replace("https:", "http:"), "give the https address"),
        (INBOUND + controller("brand", system="crm"), "names crm, which is not among [systems]"),
        (
            INBOUND + controller("one") + controller("two", "Another", "another"),
            "helpdesk is named for two controllers",
        ),
        (INBOUND + controller("one") + controller("two"), "the same name"),
        (INBOUND + controller("brand", more='certificate = "brand.pem"'), "certificate and domain go together"),
    ):
        with pytest.raises(Misconfigured) as refused:
            load_settings(written(tmp_path, GOOD + text))
        assert words in str(refused.value)


def test_the_law_is_that_of_the_controllers_country(tmp_path: Path) -> None:
    # Else a Swiss duty is cited as an exception of the GDPR, and its commissioner as an authority under Art. 77.
    for country, mend in (
        ("CH", "answers under the Swiss Federal Act on Data Protection (FADP), for which no letters are written yet"),
        ("GB", 'answers under the UK GDPR; set regime = "uk-gdpr"'),
    ):
        text = changed('country = "DE"', f'country = "{country}"').replace('subdivision = "BY"\n', "")
        with pytest.raises(Misconfigured) as raised:
            load_settings(written(tmp_path, text))
        assert mend in str(raised.value)
    with pytest.raises(Misconfigured, match='answers under the GDPR; set regime = "gdpr"'):
        load_settings(written(tmp_path, changed('country = "DE"', 'regime = "uk-gdpr"\ncountry = "DE"')))
