"""Layouts: an id leads to its own files and to no other folder; every id that a file's name may have is read."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sql.layouts import Layout, PathPart, checked_pattern, is_id
from rightsflow.domain.errors import Misconfigured
from tests.integration.connectors.sql import vendors
from tests.integration.connectors.sql.peer import Peer

VENDORS = {
    "Twilio": ("AC1/{id}.*", "transcripts/{id}.json"),
    "Amazon Connect": (
        "connect/acme/CallRecordings/%Y/%m/%d/{id}_*",
        "Analysis/Voice/%Y/%m/%d/{id}_*",
        "Analysis/Voice/Redacted/%Y/%m/%d/{id}_*",
    ),
    "Genesys": ("{id}/**",),
    "Asterisk": ("%Y/%m/%d/*-{id}.*", "%Y/%m/%d/*-{id}-*.wav"),
}
layouts = st.sampled_from([Layout(patterns) for patterns in VENDORS.values()])
ids = st.text("ab12.-_ *[", min_size=1, max_size=8).filter(is_id)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


def named(parts: tuple[PathPart, ...], filling: str) -> str:
    """A path of the searched form, in which something stands for each wildcard."""
    names = []
    for part in parts:
        form = part.form.pattern if part.form else ""
        names.append(
            part.text
            or ("deep/x.json" if part.is_everything else re.sub(r"\\(.)", r"\1", form.replace("[^/]*", filling)))
        )
    return "/".join(names)


@given(layouts, ids, days, st.text("ab1.-_", max_size=5))
def test_every_file_that_an_id_leads_to_has_that_id_in_its_name(layout: Layout, value: str, day: date, filling: str):
    for parts in layout.searched(value, layout.days(day)):
        assert value in layout.ids_in(named(parts, filling))


@given(layouts, st.text(max_size=12), days)
def test_no_value_leads_out_of_the_location(layout: Layout, value: str, day: date):
    if is_id(value):
        for parts in layout.searched(value, layout.days(day)):
            assert not any("/" in part.text or part.text in {".", ".."} for part in parts)
    else:
        assert not value or "/" in value or "\\" in value or not value.strip(".") or not value.isprintable()


@pytest.mark.parametrize("value", ["", ".", "..", "../x", "a/b", "a\\b", "a\nb", "a\0b", "x" * 300])
def test_values_that_are_no_id(value: str):
    assert not is_id(value)


@pytest.mark.parametrize(
    "pattern",
    ["{id}*.wav", "*{id}.wav", "x{id}.wav", "{id}1.wav", "../{id}", "/{id}", "a//{id}", "all.wav", "{id}/{id}",
     "{name}", "**/{id}", "{id}/**x", "%H/{id}", "%Y{id}", "a\\{id}"],
)  # fmt: skip
def test_patterns_that_are_refused(pattern: str):
    with pytest.raises(ValueError, match=r"write|put"):
        checked_pattern(pattern)


def test_the_folders_of_a_layout():
    assert Layout(VENDORS["Amazon Connect"]).folders == ("Analysis/Voice", "connect/acme/CallRecordings")
    assert Layout(VENDORS["Genesys"]).folders == ("",)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an id that cannot be emptied": ({"optional": False}, "optional = true"),
    "two ways": ({"folder": "%Y"}, "leave folder"),
    "days without a time": ({"layout": ["%Y/{id}.wav"]}, "occurred_at"),
}


@pytest.mark.parametrize("name", WRONG)
def test_sections_that_are_refused(sqlite_peer: Peer, name: str):
    more, sentence = WRONG[name]
    calls, entries = vendors.TWILIO
    with pytest.raises(Misconfigured, match=sentence):
        sqlite_peer.connector([calls, entries | {"file": entries["file"] | more}])


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"files": "sftp://u:hush@host/x"}, "files_options"),
        ({"files": "ftp://host/x"}, "encrypted"),
        ({"files": "simplecache::sftp://host/x"}, "without a cache"),
        ({"files_options": {"password": "hush"}}, "secret reference"),
    ],
)
def test_locations_that_are_refused(sqlite_peer: Peer, more: dict[str, Any], sentence: str):
    with pytest.raises(Misconfigured, match=sentence) as caught:
        sqlite_peer.connector(vendors.TWILIO, **more)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"endpoint_url": "http://storage.example.com"}, {"connection_string": "BlobEndpoint=http://10.0.0.1/acme;"}],
)
def test_servers_that_are_called_in_clear_are_refused(sqlite_peer: Peer, options: dict[str, str]):
    vendors.fill_tables(sqlite_peer)
    secret = sqlite_peer.folder.parent / "secret"
    secret.write_text("".join(options.values()))
    options = dict.fromkeys(options, f"file:{secret}")
    with pytest.raises(Misconfigured, match="use https"):
        list(vendors.twilio(sqlite_peer, files="memory://audio", files_options=options).locate(frozenset()))
