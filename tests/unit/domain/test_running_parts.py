"""What running parts lack of the present settings."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.running_parts import RunningPart, differences, settings_digest, variables_in

AT = datetime(2026, 3, 5, 13, 2, tzinfo=UTC)
RAW = {"delivery": {"mail": {"host": "mail.example.com", "password": "env:SMTP_PASSWORD"}}, "people": ["env:", "x"]}


def part(name="listener", settings="old", missing=()):
    return RunningPart(name=name, settings=settings, missing=tuple(missing), read_at=AT)


def said(*parts, missing=()):
    return list(differences(parts, settings="new", missing=missing, zone=UTC))


def test_what_does_not_read_its_settings_anew_is_to_be_restarted():
    assert said(part(settings="new")) == []
    assert said(part("desk"), part("worker")) == [], "these read them anew"
    (sentence,) = said(part())
    assert sentence.startswith("The listener runs with the settings of Thu 05 Mar 2026, 13:02; restart it: `rightsflow")


def test_a_secret_that_a_process_does_not_see_is_named_whatever_it_reads_anew():
    lacking = part("desk", "new", ["env:SMTP_PASSWORD"])
    (sentence,) = said(lacking)
    assert sentence.startswith("The desk has no value for env:SMTP_PASSWORD, which is set here; set it")
    assert "which is set here" not in said(lacking, missing=["env:SMTP_PASSWORD"])[0]


def test_references_to_variables_are_found_at_any_depth():
    assert list(variables_in(RAW)) == ["env:SMTP_PASSWORD"]


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=4))
def test_the_order_of_keys_does_not_count(raw):
    assert settings_digest(raw) == settings_digest(dict(reversed(raw.items())))
    assert settings_digest(raw) != settings_digest(raw | {"another key": 1})
