"""Traces of a person in texts, and marks on them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zendesk.traces import (
    NameTraces,
    is_readable,
    marked,
    searchable,
    spellings,
    text_of,
    wholly_marked,
    with_name_parts,
)
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from tests.integration.connectors.zendesk.desk import known

SUBJECT = known(
    email="anna@example.com", phone="+4915112345678", customer_id="KD-1004", account_id="cus_9A8b", name="Anna Berg"
)
MARKS = re.compile(r"</?redact>| redact(?=[\s/>])")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to ANNA@Example.com.", "to ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇."),
        ("joanna@example.com, anna@example.com.au", "joanna@example.com, anna@example.com.au"),
        ("ring 0151 / 123 456 78 now", "ring ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ now"),
        ("ring 0151 12345679", "ring 0151 12345679"),
        ("no. KD-1004, not KD-10045", "no. ▇▇▇▇▇▇▇, not KD-10045"),
        ("cus_9A8b", "▇▇▇▇▇▇▇▇"),
        ("Dear Anna  Berg, dear Annabel Berg", "Dear ▇▇▇▇▇▇▇▇▇▇, dear Annabel Berg"),
        ("", ""),
    ],
)
def test_places_are_exact_in_any_spelling(text: str, expected: str) -> None:
    assert NameTraces(SUBJECT, "DE").masked(text) == expected


def test_parts_of_a_name_are_masked_unless_a_relative_bears_them() -> None:
    traces = NameTraces(with_name_parts(SUBJECT, ["Ben Berg"]), "DE")
    assert traces.masked("Anna Berg, Anna, Ben Berg") == "▇▇▇▇▇▇▇▇▇, ▇▇▇▇, Ben Berg"


def test_a_bare_number_is_neither_searched_for_nor_masked() -> None:
    """An order of a neighbour had the number of the subject's account, and was redacted and handed out."""
    numbers = known(customer_id="100482", account_id="4711123")
    assert searchable(numbers) == []
    assert NameTraces(numbers, "DE").masked("order 100482, invoice 4711123") == "order 100482, invoice 4711123"


def test_names_and_short_ids_are_not_searched_for() -> None:
    wanted = {one.kind.value for one in searchable(SUBJECT | known(customer_id="42"))}
    assert wanted == {"email", "phone", "customer_id", "account_id"}
    assert Identifier(IdentifierKind.CUSTOMER_ID, "42") not in searchable(SUBJECT | known(customer_id="42"))


def test_numbers_are_searched_for_as_people_write_them() -> None:
    [number] = known(phone="+493090182")
    assert spellings(number, "DE")[0] == "+493090182"
    assert "03090182" in spellings(number, "DE")
    assert not any(one.startswith("0") for one in spellings(number, "FR"))


def anna(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer("anna", text)]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>hi anna!</p>", "<p>hi <redact>anna</redact>!</p>"),
        ("<p>an<b>na</b></p>", "<p><redact>an</redact><b><redact>na</redact></b></p>"),
        ("a&#110;na &amp; co", "<redact>a&#110;na</redact> &amp; co"),
        ('<a href="x?anna">y</a>', '<a redact href="x?anna">y</a>'),
        ('<img src="anna.png"/>', '<img redact src="anna.png"/>'),
        ('<A\nHREF="anna">y</A>', '<A redact\nHREF="anna">y</A>'),
        ('<article id="anna">y</article>', '<article id="anna">y</article>'),
        ("an<br>na", "an<br>na"),
        ("nothing", "nothing"),
        ('<p title="a > anna">b</p>', '<p title="a > anna">b</p>'),
    ],
)
def test_only_the_places_are_marked(html: str, expected: str) -> None:
    assert marked(html, anna) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>hi</p>", "<p><redact>hi</redact></p>"),
        ('<p>a<img src="x"></p>', '<p><redact>a</redact><img redact src="x"></p>'),
        ("<p>▇▇ </p>", "<p>▇▇ </p>"),
        ("<p></p>", "<p></p>"),
        ("<abbr>a</abbr><a;>", "<abbr><redact>a</redact></abbr><a;>"),
    ],
)
def test_whole_comments_are_marked_once(html: str, expected: str) -> None:
    assert wholly_marked(html) == expected


@given(st.text(alphabet="<>/&;#=\"'abnp redct1▇\n", max_size=60))
def test_without_the_marks_the_html_is_what_it_was(html: str) -> None:
    for result in (marked(html, anna), wholly_marked(html)):
        if not MARKS.search(html):
            assert MARKS.sub("", result) == html


def test_readable_is_what_is_not_masked() -> None:
    assert is_readable("<p>▇▇ x</p>")
    assert not is_readable("<p>▇▇ ▇</p>\n")
    assert text_of("a<br>b &lt;c&gt;") == "a\nb <c>"
