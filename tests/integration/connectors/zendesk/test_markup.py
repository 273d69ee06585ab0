"""Marks in the HTML of a comment."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zendesk.traces import is_readable, marked, text_of, wholly_marked

MARKS = re.compile(r"</?redact>| redact(?=[\s/>])")


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
