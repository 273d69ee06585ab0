"""Of a file that was handed over the person's entries are taken, and nothing that is another person's."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.processors.files import LEFT_OUT, own_entries, read_entries

ANNA, BERTA = "C-10001", "C-20002"
OWN = {"customer": ANNA, "note": "rang"}
HERS = {"customer": BERTA, "name": "Berta Nachbar", "note": "her own matter", "phone": "+491715551234"}


def sorted_out(text):
    found = own_entries(text, lambda one: ANNA in one, lambda one: "+4917155" in one or "berta@" in one)
    return found.content, found.left_out, found.others


def table(*rows, delimiter=","):
    made = io.StringIO()
    writer = csv.DictWriter(made, sorted({key for row in rows for key in row}), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


LISTS = {
    "a list": json.dumps([OWN, HERS]),
    "JSON lines": f"{json.dumps(OWN)}\n{json.dumps(HERS)}\n",
    "a list in an object": json.dumps({"of": ANNA, "calls": [OWN, HERS]}),
    "a list of hers alone": json.dumps({"customer": ANNA, "household": [HERS]}),
    "an object": json.dumps({"customer": ANNA, "neighbour": HERS}),
    "a table": table(OWN | {"name": "Anna"}, {"customer": BERTA, "name": "Berta Nachbar", "note": "her own matter"}),
    "a table with semicolons": table(
        OWN | {"name": "A"}, {key: HERS[key] for key in ("customer", "name", "note")}, delimiter=";"
    ),
}


def test_an_entry_of_another_is_left_out_and_the_persons_own_stays():
    # An entry of another is left out wherever it stands.
    for text in LISTS.values():
        content, left_out, others = sorted_out(text)
        assert left_out == 1
        assert others == {"Berta Nachbar"}
        left = json.dumps(content)
        assert ANNA in left
        assert LEFT_OUT in left
        assert not any(word in left for word in (BERTA, "Berta", "her own matter", "+49171"))
    # What hangs on the persons own entry stays.
    own = OWN | {
        "calls": [{"at": "09:00", "seconds": 30}, {"at": "10:00", "seconds": 60}],
        "address": {"city": "Fulda"},
    }
    assert sorted_out(json.dumps(own)) == (own, 0, frozenset())
    _, left_out, others = sorted_out(json.dumps(OWN | {"contact": "Berta Nachbar", "contact phone": "+491715551234"}))
    assert (left_out, others) == (0, {"Berta Nachbar"})
    # A text in sentences stays whole.
    text = f"{ANNA} rang.\nBerta Nachbar, who lives next door, complained.\n"
    assert read_entries(text) is None
    assert sorted_out(text) == ({"text": text}, 0, frozenset())
    # Odd files are read without a fault.
    for text in ("", "[]", "{}", "null", "3", '"x"', "a,b\n1\n", "a,b\n", "a,a\n1,2\n", '{"a": [[[1]]]}'):
        content, left_out, _ = sorted_out(text)
        assert isinstance(content, dict)
        assert left_out == 0


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_of_any_list_the_persons_entries_are_left_and_no_other(whose):
    entries = [OWN | {"number": number} if is_own else HERS for number, is_own in enumerate(whose)]
    content, left_out, _ = sorted_out(json.dumps(entries))
    assert left_out == whose.count(False) if any(whose) else left_out == len(whose)
    assert [one for one in content["records"] if one != LEFT_OUT] == [one for one in entries if one != HERS]
