"""A file of requests: what is read, what is said of bad rows, who is in it twice; never what stands in a cell."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import IdentityMethod, OnFile
from rightsflow.domain.import_file import COLUMNS, CheckedRow, check_row, read_rows
from rightsflow.domain.request import Reading
from rightsflow.files.first_rows import FirstRows
from tests.support.identity import IMPORT_COLUMNS, as_cells

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
READING = Reading(
    now=NOW, zone=ZoneInfo("Europe/Berlin"), country="DE", issuers={"payments", "shop"}, systems=("helpdesk",)
)
HEADER = "right,email,received"


def checked(text, opened_by="Olga"):
    rows, faults = [], []
    for cells in read_rows(io.BytesIO(text.encode() if isinstance(text, str) else text)):
        row = check_row(cells, READING, opened_by=opened_by)
        if isinstance(row, CheckedRow):
            rows.append(row)
        else:
            faults += row
    return rows, faults


def test_files_of_the_usual_programs_are_read():
    # Files of the usual programs are read.
    for end in ("\n", "\r\n"):
        for separator in (",", ";"):
            for mark in (b"", b"\xef\xbb\xbf"):
                rows = [
                    ["Right", "Received", "Name", "E-mail".replace("-", "")],
                    ["access", "2026-03-01", '"A, B; ""C"""', "a@b.de"],
                ]
                text = end.join(separator.join(cells) for cells in rows) + end + separator * 3 + end
                (row,) = read_rows(io.BytesIO(mark + text.encode()))
                assert dict(row.by_column) == {
                    "right": "access",
                    "received": "2026-03-01",
                    "name": 'A, B; "C"',
                    "email": "a@b.de",
                }
                assert (row.number, row.fault) == (2, "")
    # Other columns are refused by name and persons are not named.
    for header, says in (
        ("right,email,received,nickname", "Unknown columns: nickname"),
        ("right,email,received,+49 30 1234", "Unknown columns: number 4;"),
        ("email,received", "Missing columns: right"),
        ("right,received", "one of email, phone"),
        ("right,email,received,email", "twice: email"),
        ("access,anna.quill@example.com,2026-03-01", "does not name the columns"),
        ("", "does not name the columns"),
        ('"right', "does not name the columns"),
    ):
        with pytest.raises(BadInput, match=says.replace("+", r"\+")) as caught:
            list(read_rows([header.encode()]))
        assert "anna" not in str(caught.value)
        assert "1234" not in str(caught.value)
    with pytest.raises(BadInput, match="UTF-8"):
        list(read_rows(io.BytesIO(f"{HEADER}\naccess,jörg@example.com,2026-03-01".encode("latin-1"))))
    # The columns are those of the form.
    assert set(COLUMNS) >= {
        "right",
        "email",
        "phone",
        "customer_id",
        "account_id",
        "account_system",
        "name",
        "received",
        "channel",
        "country",
    }


def test_every_fault_is_named_by_row_and_column_and_no_cell_is_quoted():
    text = (
        "right,email,phone,received,country,identity_method,identity_by\n"
        "oblivion,anna.at.example,0000-1,tomorrow-ish,Germany,,\n"
        "access,fine@example.com,,2026-03-01,DE,,\n"
        "access,,,2026-03-01,DE,,\n"
        "access,a@example.com,,,DE,code,\n"
        "access,b@example.com,,2027-03-01,DE,,Ida Quillfeather\n"
        "access,c@example.com\n"
        'access,"d@example.com,,2026-03-01,DE,,\n'
    )
    rows, faults = checked(text)
    assert [row.number for row in rows] == [3]
    assert sorted((fault.row, fault.column) for fault in faults) == [
        *[(2, column) for column in ("country", "email", "phone", "received", "right")],
        (4, "email"),
        *[(5, column) for column in ("identity_by", "received")],
        *[(6, column) for column in ("identity_method", "received")],
        *[(7, ""), (8, "")],
    ]
    said = " ".join(fault.sentence for fault in faults)
    assert not [cell for cell in ("oblivion", "anna.at", "0000", "tomorrow", "Germany", "Quillfeather") if cell in said]
    assert all(fault.sentence[0].isupper() and fault.sentence.endswith(".") for fault in faults)


@given(st.lists(st.sampled_from(["", "access", '"', "a@b.de", "0000-1", "2026-03-01", ",", ";", "\n", "ö", "\x00"])))
def test_no_content_makes_it_stumble_or_be_quoted(parts):
    canary = "zebra-striped-kettle"
    rows, faults = checked(f"{HEADER}\n{canary}," + "".join(parts))
    assert not rows
    assert not [fault for fault in faults if canary in fault.sentence]


PROVEN = f"{HEADER},{','.join(IMPORT_COLUMNS)}"


def proven(**changes):
    """One row whose identity is confirmed, with some cells changed."""
    cells = dict(zip(IMPORT_COLUMNS, as_cells("2026-03-01T10:00"), strict=True)) | changes
    return checked(f"{PROVEN}\naccess,a@example.com,2026-03-01,{','.join(cells.values())}")


def test_identity_that_was_confirmed_before_is_a_decision():
    # Identity that was confirmed before is a decision.
    ((known,), _), ((other,), _) = proven(), proven(identity_method="tea")
    assert (known.identity.method, known.identity.by) == (IdentityMethod.LOGGED_IN, "Ida")
    check = known.identity.check
    assert (check.against, check.held_by, check.on_file_since) == (OnFile.ACCOUNT, "helpdesk", date(2024, 5, 3))
    assert check.at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert (other.identity.method, other.identity.check.done[:4]) == (IdentityMethod.OTHER, "tea:")
    # A method and a name were enough to pass the gate.
    for missing in [one for one in IMPORT_COLUMNS if one not in {"identity_method", "identity_by"}]:
        (row,), faults = proven(**{missing: ""})
        assert (row.identity, faults) == (None, [])
    # Facts of a check that cannot be are faults.
    for cell, column in (
        ({"identity_at": "soon"}, "identity_at"),
        ({"identity_against": "a@example.com"}, "identity_against"),
        ({"identity_held_by": "attic"}, "identity_held_by"),
        ({"identity_since": "long ago"}, "identity_since"),
        ({"identity_at": "2026-02-28T10:00"}, "identity_at"),
        ({"identity_at": "2026-03-06T10:00"}, "identity_at"),
        ({"identity_since": "2026-03-02"}, "identity_since"),
    ):
        rows, faults = proven(**cell)
        assert (rows, [(fault.row, fault.column) for fault in faults]) == ([], [(2, column)])
        assert next(iter(cell.values())) not in faults[0].sentence


@pytest.mark.apart
def test_who_asks_twice_is_taken_once_and_accounts_have_their_system():
    # Who asks for the same twice is taken once.
    text = (
        "right,email,phone,name,received\n"
        "access,anna@example.com,,Anna,2026-03-01\n"
        "access,ANNA@example.com,+49 30 23125001,Anna,2026-03-02\n"
        "erasure,anna@example.com,,Anna,2026-03-01\n"
        "access,boris@example.com,,Anna,2026-03-01\n"
        "access,anna@example.com,,,2026-03-01\n"
    )
    rows = checked(text)[0]
    with FirstRows() as first:
        for _ in range(2):
            before = {row.number: first.before(row.number, row.asked) for row in rows}
            assert before == {2: None, 3: 2, 4: None, 5: None, 6: None}, (
                "a name is no one person's, and of a row without one the cases tell"
            )
    # Account 5 of the shop and account 5 of the payment provider may be two people: neither row repeats the other.
    text = (
        "right,account_id,account_system,received\n"
        "access,5,shop,2026-03-01\n"
        "access,5,payments,2026-03-01\n"
        "access,5,Shop,2026-03-01\n"
    )
    rows, _ = checked(text)
    with FirstRows() as first:
        assert [first.before(row.number, row.asked) for row in rows] == [None, None, None]
    assert len({row.content for row in rows}) == 2, "the same row again is one intake"
    # Rows that share nothing but a number are two requests.
    text = (
        "right,customer_id,phone,name,received\n"
        "access,,+49 30 23125001,,2026-03-01\n"
        "access,,+49 30 23125001,,2026-03-02\n"
        "access,C-1,,,2026-03-01\n"
        "access,C-1,,,2026-03-02\n"
        "access,C-1,+49 30 23125001,Anna,2026-03-01\n"
        "access,C-1,+49 30 23125001,Boris,2026-03-01\n"
        "access,C-1,+49 30 23125001,Anna,2026-03-02\n"
    )
    rows, _ = checked(text)
    with FirstRows() as first:
        assert [first.before(row.number, row.asked) for row in rows] == [*[None] * 6, 6]
    # An account without its system is named by row and column.
    rows, faults = checked("right,account_id,received\naccess,5,2026-03-01")
    assert rows == []
    assert [(fault.row, fault.column) for fault in faults] == [(2, "account_system")]
    # The content of a row is the same however it is written.
    first = checked("right,email,received\naccess,Anna@Example.com,2026-03-01T10:00+01:00")[0]
    again = checked("received;email;right\n2026-03-01T09:00+00:00; anna@example.com ;ACCESS", "Other")[0]
    other = checked("right,email,received\naccess,Anna@Example.com,2026-03-02")[0]
    assert first[0].content == again[0].content != other[0].content
    assert "anna" not in repr(first)
