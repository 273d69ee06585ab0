"""The configuration that ``init`` writes: valid as it is, and with the commented sections in use."""

from __future__ import annotations

import re
from importlib.resources import files

from rightsflow.config.sections.limits import Expectations, WatchRules
from rightsflow.config.settings import Settings, load_settings

TEMPLATE = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
SETTING = re.compile(r"# (?=\[|\w+ += |  \{|\])")
IN_USE = "\n".join(SETTING.sub("", line, count=1) if SETTING.match(line) else line for line in TEMPLATE.splitlines())


def loaded(folder, text) -> Settings:
    path = folder / "rightsflow.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_as_it_is_nobody_is_written_to(tmp_path):
    settings = loaded(tmp_path, TEMPLATE)
    assert (settings.notifications.mail, settings.notifications.channels, settings.delivery.mail) == (None, (), None)


def test_what_is_commented_out_is_valid_and_shows_the_defaults(tmp_path):
    settings = loaded(tmp_path, IN_USE)
    assert (settings.watch, settings.expectations) == (WatchRules(), Expectations())
    assert settings.notifications.channels == ("slack-webhook/privacy-team",)
    for server in (settings.notifications.mail, settings.delivery.mail):
        assert server is not None
        assert (server.port, server.security) == (587, "starttls")


def test_every_expectation_is_shown():
    (section,) = re.findall(r"^# \[expectations\]\n((?:# .*\n)+)", TEMPLATE, re.MULTILINE)
    assert re.findall(r"^# (\w+)", section, re.MULTILINE) == list(Expectations.model_fields)


def test_the_other_values_it_names_are_valid(tmp_path):
    for shown, other in (
        ('regime = "gdpr"', 'regime = "uk-gdpr"'),
        ('security = "starttls"', 'security = "tls"'),
        (
            'host     = "smtp.example.com"\nport     = 587\nsecurity = "starttls"',
            'host = "localhost"\nsecurity = "none"',
        ),
    ):
        assert shown in IN_USE
        in_its_country = IN_USE.replace('country = "DE"', 'country = "GB"') if "uk-gdpr" in other else IN_USE
        loaded(tmp_path, in_its_country.replace(shown, other))


def test_no_prose_is_taken_for_a_setting():
    prose = [line for line in TEMPLATE.splitlines() if line.startswith("# ") and not SETTING.match(line)]
    assert prose
    assert all(re.fullmatch(r"# [A-Z].*\.", line) for line in prose), "a setting would be in no sentence"
