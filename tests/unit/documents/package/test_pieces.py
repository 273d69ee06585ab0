"""The package's parts: passphrase, file names, tables, spool, views."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.documents.package import new_passphrase
from rightsflow.documents.package.archive import FileNames, Spool, extension, slug
from rightsflow.documents.package.info import PackageFinding, SystemInfo
from rightsflow.documents.package.payments import Payments
from rightsflow.documents.package.verification import ALPHABET, as_written
from rightsflow.documents.package.views import REST, Columns, Views, csv_lines, flatten, guarded, label, size_in_words
from rightsflow.domain.vocabulary.field_words import FieldWords, PaymentFields
from rightsflow.domain.vocabulary.records import Blob, RecordRef
from tests.unit.documents.package import sample

VIEWS = Views(ZoneInfo("Europe/Berlin"))


def test_passphrases_have_eighty_bits_and_no_lookalikes() -> None:
    made = {new_passphrase() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", one)
    assert math.log2(len(ALPHABET)) * 20 >= 80
    assert set("".join(made)) - {"-"} == set(ALPHABET), "the whole alphabet is used"


@given(st.text(max_size=30))
def test_what_is_no_passphrase_of_ours_is_left_alone(text: str) -> None:
    result = as_written(text)
    assert result == text or re.fullmatch(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}", result)


@given(st.text(max_size=120))
def test_folder_names_are_plain_on_every_system(title: str) -> None:
    name = slug(title)
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", name)
    assert len(name) <= 65
    assert name not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


def test_an_extension_is_plain_or_that_of_the_type() -> None:
    for name, media_type, expected in (
        ("a.PDF", "text/plain", ".pdf"),
        ("a", "audio/mpeg", ".mp3"),
        ("../../etc/passwd", "application/x-unknown", ""),
        ("x.exe\u202e", "application/pdf", ".pdf"),
        ("invoice.Bob Müller", "application/pdf", ".pdf"),
        ("a.tar.gz ", "", ".gz"),
        ("a.b/c", "", ""),
    ):
        assert extension(name, media_type) == expected


@given(st.lists(st.text(max_size=8), max_size=20))
def test_titles_never_share_a_folder(titles: list[str]) -> None:
    names = FileNames()
    folders = {title: names.folder("data", title) for title in titles}
    assert len(set(folders.values())) == len(folders)
    assert {title: names.folder("data", title) for title in titles} == folders


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_cell_starts_a_formula(text: str) -> None:
    cell = guarded(text)
    assert isinstance(cell, str)
    first = cell.lstrip(" \u00a0")[:1]
    assert first not in {"=", "+", "@", "\t", "\r", "＝"}
    assert first != "-" or re.fullmatch(r"-\d+(?:[.,]\d+)?", cell)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=10), max_size=4), max_size=6))
def test_a_table_gives_back_its_cells(rows: list[dict[str, str]]) -> None:
    columns = Columns()
    for row in rows:
        columns.learn(row)
    text = b"".join(csv_lines(columns, rows)).decode("utf-8-sig")
    _, *lines = list(csv.reader(io.StringIO(text, newline="")))
    if columns.names:
        expected = [[str(guarded(row.get(name, ""))) for name in columns.names] for row in rows]
        assert [line or [""] for line in lines] == expected


def test_nested_data_become_columns_of_a_bounded_number() -> None:
    # A table has a bounded number of columns and loses nothing.
    columns, row = Columns(), {f"c{at}": at for at in range(500)}
    columns.learn(row)
    assert len(columns.names) == 201
    assert list(columns.names)[-1] == REST
    assert '"c499": 499' in str(columns.arrange(row)[-1])
    # Nested data become columns.
    content = {"a": {"b": {"c": 1}}, "list": ["x", 2], "things": [{"k": "v"}], "empty": {}, "none": None, "no": []}
    assert flatten(content) == {
        "a.b.c": 1,
        "list": "x; 2",
        "things": '[{"k": "v"}]',
        "empty": "",
        "none": None,
        "no": "",
    }
    assert flatten(content, open_lists=True)["things.1.k"] == "v"


def test_records_come_back_and_never_touch_the_disk_in_clear() -> None:
    records = [{"text": "PLAINTEXT" * 50, "at": at} for at in range(2000)]
    with Spool() as spool:
        lengths = [spool.add(record) for record in records]
        assert spool._file._rolled, "it has gone to a file"  # type: ignore[attr-defined]
        spool._file.seek(0)
        assert b"PLAINTEXT" not in spool._file.read()
        assert list(spool.records()) == list(spool.records()) == records
        assert [len(line) + 1 for line in spool.lines()] == lengths
        assert spool.count == 2000


def test_values_fields_and_sizes_in_plain_words() -> None:
    # Values in plain words.
    for value, shown in (
        (True, "Yes"),
        (False, "No"),
        ("2026-03-02", "2 March 2026"),
        ("2026-03-02T23:30:00Z", "3 March 2026, 00:30"),
        ("2026-03-02T23:30:00.123+01:00", "2 March 2026, 23:30"),
        ("2026-03-02 08:00", "2 March 2026, 08:00"),
        ("2026-13-45", "2026-13-45"),
        (12, "12"),
        ("<p>one</p><script>x()</script><p>two &amp; three</p>", "one\n\ntwo & three"),
        ("1 < 2 and <not markup>", "1 < 2 and <not markup>"),
    ):
        assert VIEWS.value(value) == shown
    # Field names for people.
    for key, shown in (
        ("created_at", "Created at"),
        ("billingDetails.postal_code", "Billing details › postal code"),
        ("id", "ID"),
        ("ip_address", "IP address"),
    ):
        assert label(key) == shown
    for size, shown in ((0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (3_200_000, "3.2 MB")):
        assert size_in_words(size) == shown
    # Before, the person read "Last4", "succeeded", "eur" and "DE", which are the vendor's words.
    content = {"id": "ch_1", "status": "succeeded", "currency": "eur", "billing_details": {"country": "DE"}}
    item = VIEWS.document({**content, "card": {"brand": "visa", "last4": "4242"}}, "charge", 1, WORDS)
    assert set(item.facts) == {
        ("ID", "ch_1"),
        ("Status", "Paid (succeeded)"),
        ("Currency", "euro (EUR)"),
        ("Billing address › country", "Germany (DE)"),
        ("Card › brand", "Visa"),
        ("Card › Last four digits", "4242"),
    }


def test_a_conversation_is_one_in_any_spelling() -> None:
    # A chat transcript with other spellings is a conversation.
    content = {
        "Transcript": [
            {"ParticipantRole": "CUSTOMER", "Content": "hello", "AbsoluteTime": "2026-03-02T08:12:00Z"},
            {"ParticipantRole": "AGENT", "Content": "good day", "AbsoluteTime": "2026-03-02T08:13:00Z"},
        ]
    }
    item = VIEWS.document(content, "transcript", 3)
    assert item.title == "Transcript 3"
    assert [(one.author, one.at, one.body, one.mine) for one in item.messages] == [
        ("You", "2 March 2026, 09:12", "hello", True),
        ("Agent", "2 March 2026, 09:13", "good day", False),
    ]
    # A call transcript counts from the beginning of the call.
    said = [{"ParticipantId": "CUSTOMER", "Content": "hello", "BeginOffsetMillis": 62_500}]
    item = VIEWS.document({"Transcript": said}, "transcript", 1)
    assert [(one.author, one.at) for one in item.messages] == [("You", "1:02")]
    # A wrapped record is unwrapped and amounts are readable.
    content = {
        "ticket": {"id": 7, "subject": "Hi", "amount": 1990, "amount_readable": "19.90 EUR"},
        "comments": [{"author": {"name": "A", "role": "end-user"}, "body": "b", "plain_body": "p", "public": True}],
    }
    item = VIEWS.document(content, "ticket", 1)
    assert item.title == "Ticket 7: Hi"
    assert item.facts == (("ID", "7"), ("Subject", "Hi"), ("Amount", "19.90 EUR"))
    assert [(one.author, one.body, one.facts) for one in item.messages] == [("You", "p", (("Public", "Yes"),))]
    # A list of things with descriptions is no conversation.
    item = VIEWS.document({"lines": [{"description": "Cable", "created": "2026-03-02"}]}, "invoice", 1)
    assert item.messages == ()
    assert item.facts == (("Lines › 1 › description", "Cable"), ("Lines › 1 › created", "2 March 2026"))


def test_an_info_that_contradicts_itself_is_refused() -> None:
    info = sample.info()
    with pytest.raises(ValueError, match="time zone"):
        sample.info(received_at=info.received_at.replace(tzinfo=None))
    with pytest.raises(ValueError, match="15\\(1\\)\\(h\\)"):
        sample.info(automated_decisions=" ")
    with pytest.raises(ValueError, match="once only"):
        sample.info(systems=(*info.systems, info.systems[0]))
    with pytest.raises(ValueError, match="not described"):
        sample.info(systems=info.systems[:1])
    with pytest.raises(ValueError, match="needs the reason"):
        sample.system("x", "X", PackageFinding.NOT_SEARCHED)
    assert "Schmidt" not in repr(info)


WORDS = FieldWords(
    labels={"last4": "Last four digits", "billing_details": "Billing address"},
    codes={"status": {"succeeded": "Paid"}, "brand": {"visa": "Visa"}},
)


def test_a_recording_a_payment_and_a_file_are_told_once() -> None:
    # Before, its heading was a file name like "recording-2026-03-28-095839.wav".
    for about, title in (
        ({"start": "2026-03-28T09:58:39+01:00", "seconds": 6.0}, "Call recording of 28 March 2026, 09:58, 6 seconds"),
        (
            {"started_at": "2026-03-28T08:58:39Z", "call_duration": 125},
            "Call recording of 28 March 2026, 09:58, 2 minutes and 5 seconds",
        ),
        ({"stored_at": "2026-03-28T08:58:39Z"}, "Call recording, stored on 28 March 2026, 09:58, length not noted"),
        ({}, "Call recording, date not noted, length not noted"),
    ):
        ref = RecordRef("recordings", "call-recording", "1")
        blob = Blob(
            record=ref, category="calls", name="a.wav", media_type="audio/wav", open=lambda: iter(()), metadata=about
        )
        item = VIEWS.blob(blob, "recordings/1.wav", 2_000)
        assert (item.title, item.note) == (title, "a.wav, 2.0 kB")
    # Before, a payment with charge, invoice and refund stood there as four payments, and nothing joined them.
    pays = PaymentFields(links=frozenset({"payment_intent", "invoice", "charge"}))
    kinds = {
        "payment": FieldWords(payment=pays, codes={"status": {"succeeded": "Successful"}}),
        "charge": FieldWords(payment=replace(pays, rank=1)),
        "invoice": FieldWords(payment=replace(pays, rank=2)),
        "refund": FieldWords(payment=replace(pays, is_payment=False)),
        "customer": FieldWords(),
    }
    payments = Payments(VIEWS)
    for kind, content in (
        ("refund", {"id": "re_1", "charge": "ch_1", "amount_readable": "64.50 EUR", "created": "2025-04-06"}),
        ("charge", {"id": "ch_1", "payment_intent": "pi_1", "amount_readable": "129.00 EUR", "created": "2025-04-05"}),
        ("payment", {"id": "pi_1", "invoice": "in_1", "amount_readable": "129.00 EUR", "created": "2025-04-05"}),
        ("invoice", {"id": "in_1", "description": "Headphones", "created": "2025-04-04"}),
        ("payment", {"id": "pi_2", "amount_readable": "9.00 EUR", "created": "2025-01-01", "status": "succeeded"}),
        ("refund", {"id": "re_9", "charge": "ch_unknown", "amount_readable": "1.00 EUR"}),
        ("customer", {"id": "cus_1"}),
    ):
        payments.learn(content, VIEWS.document(content, kind, 1), kinds[kind])
    assert [(one.at, one.what, one.amount, one.status, one.records) for one in payments.listed()] == [
        ("1 January 2025", "", "9.00 EUR", "Successful (succeeded)", ("Payment pi_2",)),
        (
            "5 April 2025",
            "Headphones",
            "129.00 EUR",
            "",
            ("Payment pi_1", "Charge ch_1", "Invoice in_1", "Refund re_1 (64.50 EUR)"),
        ),
    ]
    # Found: "Size: 312" above "Open the file (312 bytes)".
    ref = RecordRef(system="helpdesk", kind="ticket", ref="1")
    blob = Blob(
        record=ref,
        category="service tickets",
        name="log.txt",
        media_type="text/plain",
        open=lambda: iter([b""]),
        metadata={"size": 312, "pages": 1},
    )
    item = VIEWS.blob(blob, "attachments/1.txt", 312)
    assert (item.facts, item.note) == ((("Pages", "1"),), "312 bytes")
    # Found: "Where from: the data subject" in a letter to that person.
    section = SystemSettings(
        connector="fake",
        purposes=["support"],
        categories=["calls"],
        retention="24 months",
        source="the data subject, the telephone network",
    )
    assert SystemInfo.of("calls", section, PackageFinding.HELD).source == "you, the telephone network"
