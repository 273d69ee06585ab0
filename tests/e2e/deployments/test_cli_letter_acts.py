"""The commands for letters that were written: their free parts, and what became of them."""

from __future__ import annotations

from tests.support.homes import BY, assert_one_sentence


def test_a_letter_is_worded_sent_delivered_and_comes_back(home):
    case = home.open()
    worded = home.run("letter", "edit", case, "--letter", "l1", "--remark", "We write again soon.", *BY, "--json")
    assert worded.document["letter"] == "L1"
    assert "We write again soon." in home.run("show", case, "--reveal", *BY, "--reason", "to check it").out
    assert_one_sentence(home.run("letter", "mark-returned", case, "--letter", "L1", *BY), 2)
    home.run("letter", "mark-sent", case, "--letter", "L1", *BY)
    assert "delivered" in home.run("letter", "mark-delivered", case, "--letter", "L1", "--proof", "RR 1", *BY).out
    assert "send it again" in home.run("letter", "mark-returned", case, "--letter", "L1", *BY).out
    assert [one["letter"] for one in home.run("letter", "list", "--json").document] == ["L1"]
    assert_one_sentence(home.run("letter", "mark-delivered", case, "--letter", "L1", "--on", "soon", *BY), 2)
