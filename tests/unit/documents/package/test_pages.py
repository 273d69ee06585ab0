"""What the person reads: complete, safe to open, usable without the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from rightsflow.documents.package import LeftOut, PackageFinding
from rightsflow.documents.pages import page_environment
from rightsflow.domain.vocabulary.records import Part
from tests.support.html_page import Page
from tests.unit.documents.package import sample
from tests.unit.documents.package.opened import Make, contents


@pytest.fixture
def files(make: Make) -> dict[str, bytes]:
    return contents(make())


@pytest.fixture
def index(files: dict[str, bytes]) -> Page:
    return Page(files["index.html"])


@pytest.mark.long
def test_the_overview_names_every_system_and_its_records_read_well(index: Page, files: dict[str, bytes]) -> None:
    # The overview names every system and says what is held.
    for expected in (
        "Our answer to your request DSR-2026-7K3M9Q of 2 November 2026",
        "Service tickets (2 records)",
        "Payments and refunds (3 records)",
        "We found no data about you here",
        "Not searched: It was shut down in 2024.",
        "in the place of 2 e-mail addresses and 1 name",
        "the part of a call in which another customer speaks (1 record)",
    ):
        assert expected in index.text
    # Tickets read as conversations.
    assert "Ticket 4711: Headset does not connect" in index.text
    assert "You · 2 March 2026, 09:12" in index.text, "in the controller's zone"
    assert "Service agent · 11 April 2026, 13:15 We have received it. The refund takes 3\u00a0days." in (
        index.text.replace("3 days", "3\u00a0days")
    )
    assert [one.get("class") for one in index.all("li")].count("mine") == 3
    # Payments read as a table with all their fields.
    headings = re.findall(r"ID|Created|Description|Amount|Currency|Status", index.text)
    assert {"ID", "Created", "Description", "Amount", "Currency", "Status"} <= set(headings)
    assert "14 January 2026, 10:30" in index.text
    assert "Payment method › last4 4242" in index.text
    # Recordings play and attachments open.
    players = [one["src"] for one in index.all("audio")]
    assert players == ["recordings/recordings-0001.wav", "recordings/recordings-0002.wav"]
    downloads = {one["href"]: one["download"] for one in index.all("a") if "download" in one}
    assert downloads["attachments/helpdesk-0001.pdf"] == "../../CON.pdf"
    assert "Hardware support" in index.text
    # What a record holds is never markup.
    html = files["index.html"]
    assert b"Refund for &lt;b&gt;cable&lt;/b&gt; &amp; adapter" in html
    assert b"<b>" not in html


@pytest.mark.long
@pytest.mark.parametrize("name", ["index.html", "letter.html"])
def test_pages_load_nothing_and_run_nothing(files: dict[str, bytes], name: str) -> None:
    page = Page(files[name])
    policies = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none';")
    assert not [tag for tag, _ in page.elements if tag in {"script", "link", "iframe", "object", "img", "form"}]
    assert not [one for _, attributes in page.elements for one in attributes if one.startswith("on") or one == "style"]
    loaded = [attributes["src"] for _, attributes in page.elements if "src" in attributes]
    assert not [one for one in loaded if ":" in one or one.startswith("/")]
    assert b"url(" not in files[name]
    assert b"@import" not in files[name]


@pytest.mark.long
@pytest.mark.parametrize("name", ["index.html", "letter.html"])
def test_every_link_leads_somewhere_in_the_package(files: dict[str, bytes], name: str) -> None:
    page = Page(files[name])
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert len(ids) == len([1 for _, attributes in page.elements if "id" in attributes])
    for link in page.all("a"):
        target = link["href"]
        if target.startswith("#"):
            assert target[1:] in ids
        elif not target.startswith("mailto:"):
            assert target in files


@pytest.mark.long
@pytest.mark.parametrize("name", ["index.html", "letter.html"])
def test_pages_are_accessible(files: dict[str, bytes], name: str) -> None:
    page = Page(files[name])
    assert page.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), "no level is skipped"
    assert all("scope" in one for one in page.all("th"))
    assert all(one.get("aria-label") for one in page.all("audio"))
    style = files[name].decode()
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


@pytest.mark.long
@pytest.mark.parametrize("name", ["letter.txt", "letter.html"])
def test_the_letter_has_every_item_of_article_15(files: dict[str, bytes], name: str) -> None:
    text = Page(files[name]).text if name.endswith("html") else " ".join(files[name].decode().split())
    for item in (
        "Yes, we process personal data about you.",
        "taking payments and refunding them",  # 15(1)(a)
        "contact data; service tickets; attachments",  # (b)
        "Stripe Payments Europe, Ltd., Dublin (processor)",  # (c)
        "8 years from the end of the year of the payment (§ 147 AO)",  # (d)
        "Art. 16 GDPR",  # (e)
        "Art. 17 GDPR",
        "Art. 18 GDPR",
        "Art. 21 GDPR",
        "Bavarian Lander Office for Data Protection, https://authority.example/",  # (f)
        "Art. 79 GDPR",
        "you yourself; the online shop",  # (g)
        "We take no decisions about you by automated means alone",  # (h)
        "under the EU-U.S. Data Privacy Framework (Art. 45 GDPR)",  # 15(2)
        "2 e-mail addresses and 1 name of theirs",  # 15(4)
        "We searched this system and found no data about you in it.",
        "We did not search this system: It was shut down in 2024.",
        "until 31 December 2029",
        "24 December 2026",
        "DSR-2026-7K3M9Q",
    ):
        assert item in text


@pytest.mark.long
def test_the_letter_says_the_day_and_whether_nothing_is_held(make: Make) -> None:
    # The day of receipt is that of the controller's zone.
    late = sample.info().received_at.replace(hour=23, minute=30)  # the next day in Berlin
    files = contents(make(info=sample.info(received_at=late)))
    assert "You asked us on 3 November 2026" in files["letter.txt"].decode()
    # If nothing is held anywhere the letter says no.
    info = sample.info(systems=(sample.system("shop", "Online shop", PackageFinding.NOTHING),), left_out=(), masked={})
    text = contents(make(lambda: iter(()), info))["letter.txt"].decode()
    assert "we found none." in text
    assert "Nothing was left out." in text
    assert "Yes, we process" not in text


@pytest.mark.long
def test_a_large_category_goes_on_in_further_pages(make: Make) -> None:
    said = ("You", "2026-03-02T08:12:00Z", "Lorem ipsum. " * 200)

    def parts() -> Iterator[Part]:
        for number in range(1, 201):
            yield sample.ticket(number, f"Number {number}.", said)

    files = contents(make(parts, sample.info(systems=(sample.system("helpdesk", "Helpdesk"),), left_out=())))
    further = [name for name in files if name.startswith("pages/")]
    assert further == [f"pages/helpdesk/service-tickets-{at}.html" for at in range(2, len(further) + 2)]
    assert len(further) >= 2
    pages = [Page(files[name]) for name in ("index.html", *further)]
    seen = [int(one) for page in pages for one in re.findall(r"Ticket \d+: Number (\d+)\.", page.text)]
    assert seen == list(range(1, 201)), "each ticket once, in order"
    assert [one["href"] for one in pages[0].all("a") if one["href"] in further] == further
    for at, page in enumerate(pages[1:]):
        links = [one["href"] for one in page.all("a")]
        neighbours = (["../../index.html"] if at == 0 else [further[at - 1].rpartition("/")[2]]) + [
            name.rpartition("/")[2] for name in further[at + 1 : at + 2]
        ]
        assert [one for one in links if one in neighbours][-len(neighbours) :] == neighbours
        data = [one for one in links if one.startswith("../../data/")]
        assert [one.removeprefix("../../") for one in data] == [
            "data/helpdesk/service-tickets.csv",
            "data/helpdesk/service-tickets.json",
        ]


def test_each_item_left_out_has_a_line_of_its_own(make: Make) -> None:
    """Before, the plain letter ran them together, and the next heading followed without a line between."""
    left = [LeftOut(system="helpdesk", what=what, reason="Why.", legal_basis="Art. 15(4) GDPR") for what in "ab"]
    letter = contents(make(info=sample.info(left_out=tuple(left))))["letter.txt"].decode()
    lines = [one for one in letter.splitlines() if "Art. 15(4) GDPR)" in one and one.startswith("- ")]
    assert len(lines) == 2
    assert all(one.count(" Why.") == 1 for one in lines)


PAGES = page_environment("rightsflow.audit.evidence", {"loud": str.upper})


def test_what_a_record_holds_is_never_markup():
    assert PAGES.from_string("{{ one | loud }}").render(one="<b>x</b>") == "&lt;B&gt;X&lt;/B&gt;"


def test_a_missing_value_is_a_fault():
    with pytest.raises(UndefinedError):
        PAGES.from_string("{{ other }}").render()
