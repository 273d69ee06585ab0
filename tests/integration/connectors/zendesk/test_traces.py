"""Traces of a person in texts, and marks on them."""

from __future__ import annotations

import re

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


def test_places_are_exact_and_parts_of_a_name_masked() -> None:
    # Places are exact in any spelling.
    for text, expected in (
        ("to ANNA@Example.com.", "to ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇."),
        ("joanna@example.com, anna@example.com.au", "joanna@example.com, anna@example.com.au"),
        ("ring 0151 / 123 456 78 now", "ring ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ now"),
        ("ring 0151 12345679", "ring 0151 12345679"),
        ("no. KD-1004, not KD-10045", "no. ▇▇▇▇▇▇▇, not KD-10045"),
        ("cus_9A8b", "▇▇▇▇▇▇▇▇"),
        ("Dear Anna  Berg, dear Annabel Berg", "Dear ▇▇▇▇▇▇▇▇▇▇, dear Annabel Berg"),
        ("", ""),
    ):
        assert NameTraces(SUBJECT, "DE").masked(text) == expected
    traces = NameTraces(with_name_parts(SUBJECT, ["Ben Berg"]), "DE")
    assert traces.masked("Anna Berg, Anna, Ben Berg") == "▇▇▇▇▇▇▇▇▇, ▇▇▇▇, Ben Berg"
    # An order of a neighbour had the number of the subject's account, and was redacted and handed out.
    numbers = known(customer_id="100482", account_id="4711123")
    assert searchable(numbers) == []
    assert NameTraces(numbers, "DE").masked("order 100482, invoice 4711123") == "order 100482, invoice 4711123"
    # Names and short ids are not searched for.
    wanted = {one.kind.value for one in searchable(SUBJECT | known(customer_id="42"))}
    assert wanted == {"email", "phone", "customer_id", "account_id"}
    assert Identifier(IdentifierKind.CUSTOMER_ID, "42") not in searchable(SUBJECT | known(customer_id="42"))
    # Numbers are searched for as people write them.
    [number] = known(phone="+493090182")
    assert spellings(number, "DE")[0] == "+493090182"
    assert "03090182" in spellings(number, "DE")
    assert not any(one.startswith("0") for one in spellings(number, "FR"))


def anna(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer("anna", text)]


def test_only_the_places_are_marked_and_once() -> None:
    # Only the places are marked.
    for html, expected in (
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
    ):
        assert marked(html, anna) == expected
    # Whole comments are marked once.
    for html, expected in (
        ("<p>hi</p>", "<p><redact>hi</redact></p>"),
        ('<p>a<img src="x"></p>', '<p><redact>a</redact><img redact src="x"></p>'),
        ("<p>▇▇ </p>", "<p>▇▇ </p>"),
        ("<p></p>", "<p></p>"),
        ("<abbr>a</abbr><a;>", "<abbr><redact>a</redact></abbr><a;>"),
    ):
        assert wholly_marked(html) == expected
    # Readable is what is not masked.
    assert is_readable("<p>▇▇ x</p>")
    assert not is_readable("<p>▇▇ ▇</p>\n")
    assert text_of("a<br>b &lt;c&gt;") == "a\nb <c>"


@given(st.text(alphabet="<>/&;#=\"'abnp redct1▇\n", max_size=60))
def test_without_the_marks_the_html_is_what_it_was(html: str) -> None:
    for result in (marked(html, anna), wholly_marked(html)):
        if not MARKS.search(html):
            assert MARKS.sub("", result) == html
