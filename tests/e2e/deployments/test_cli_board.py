"""``board``: the groups, what is cut, one owner's cases, and the document for machines."""

from __future__ import annotations

import io

import pytest

from deployments.cli.commands.listing import print_board
from deployments.cli.output import text_console
from rightsflow import app as composition
from tests.support.canary import Scanner
from tests.support.homes import ANNA, assert_one_sentence, forget
from tests.support.many_open import put_many as put_many_in

SCANNER = Scanner(ANNA)


def put_many(home, count, **changes):
    """So many cases; every tenth is another owner's."""
    forget()
    put_many_in(composition.current_app(), count, lambda number: "dpo" if number % 10 == 3 else "case_owner", **changes)


def shown_on(width):
    """What the board prints on a screen of some width."""
    forget()
    screen = text_console(file=io.StringIO(), width=width)
    print_board(screen)
    return screen.file.getvalue()


@pytest.mark.apart
def test_no_case_is_said_in_words_and_to_machines(home):
    assert home.run("board").out == "no case is open.\n"
    document = home.run("board", "--json").document
    assert (document["open"], document["cases"]) == (0, [])
    assert document["groups"] == {"red": 0, "amber": 0, "clock suspended": 0, "green": 0}


def test_an_open_case_with_its_words_and_nothing_of_the_person(home):
    case = home.open(name=ANNA["name"])
    said, document = home.run("board"), home.run("board", "--json").document
    assert case in said.out
    assert "its run to start, since" in said.out
    (one,) = document["cases"]
    assert (one["case_id"], one["group"], one["state"]) == (case, "green", "received")
    assert (one["owner"], one["owner_name"]) == ("case_owner", "Subject rights desk (Ben Example)")
    assert one["time_left"].endswith(" days left")
    assert one["remarks"] == ["acknowledgement not sent"]
    assert not SCANNER.scan((said.out + str(document)).encode(), "stdout")


@pytest.mark.apart
def test_five_thousand_are_cut_and_all_come_on_demand(home):
    put_many(home, 5_000)
    cut, everything = home.run("board", "--json").document, home.run("board", "--all", "--json").document
    assert cut["groups"] == everything["groups"] == {"red": 1200, "amber": 950, "clock suspended": 200, "green": 2650}
    assert (len(cut["cases"]), len(everything["cases"])) == (150, 5_000)
    assert len({one["case_id"] for one in everything["cases"]}) == 5_000
    assert everything["cases"][:50] == cut["cases"][:50]
    reds = [one["work_to_on"] for one in everything["cases"] if one["group"] == "red"]
    assert reds == sorted(reds)
    said = home.run("board").out
    assert said.count("DSR-2026-") == 150
    assert "… and 1,150 more, next target date" in said
    assert "see `rightsflow board --all`" in said


@pytest.mark.apart
def test_all_prints_every_case_and_cuts_nothing(home):
    put_many(home, 600)
    said = home.run("board", "--all").out
    assert said.count("DSR-2026-") == 600
    assert "more, the next" not in said


def test_one_owners_cases(home):
    put_many(home, 40)
    document = home.run("board", "--owner", " DPO ", "--json").document
    assert {one["owner"] for one in document["cases"]} == {"dpo"}
    assert document["open"] == len(document["cases"]) == 4

    for owner in ("nobody", "", " "):
        said = home.run("board", "--owner", owner)
        assert_one_sentence(said, 2)
        assert "That key is not known" in said.err


def test_a_wide_screen_has_a_line_per_case_and_a_narrow_one_stacks(home):
    put_many(home, 1)
    (line,) = [line for line in shown_on(170).splitlines() if "DSR-" in line]
    for words in ("erasure", "overdue by 8 days", "awaiting approval", "Subject rights desk", "not sent"):
        assert words in line
    lines = shown_on(80).splitlines()
    assert max(map(len, lines)) <= 80
    (line,) = [line for line in lines if "DSR-" in line]
    assert "overdue by 8 days" in line
    assert "awaiting approval" in line
    assert "erasure" not in line


def test_a_name_in_brackets_is_no_markup(home):
    put_many(home, 1)
    with home.changed(home.config, text=home.config.read_text().replace("Subject rights desk", "Desk [red] one")):
        assert "Desk [red] one" in shown_on(160)
