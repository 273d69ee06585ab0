"""The commands for letters that were written, and for what the person and colleagues write."""

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


def test_a_message_with_a_file_and_a_note_are_added_and_revealed(home):
    case, scan = home.open(), home.folder / "receipt of the kettle.txt"
    scan.write_text("Two kettles.")
    message = ("case", "add-message", case, "--text", "I mean the kettle.", "--file", scan, *BY)
    assert home.run(*message).out.startswith("Message 1 is recorded.")
    assert home.run("case", "add-message", case, "--note", "--text", "Which one?", *BY).out == "Note 2 is saved.\n"
    assert "kettle" not in home.run("show", case).out
    revealed = home.run("show", case, "--reveal", *BY, "--reason", "to answer", "--json").document["revealed"]
    assert revealed["messages"] == {"1": f"I mean the kettle.\nFiles: {scan.name}", "2": "Which one?"}
    for wrong in (("--file", home.folder / "none.txt"), ("--note", "--file", scan), ("--received", "2999-01-01"), ()):
        assert_one_sentence(home.run("case", "add-message", case, *wrong, *BY), 2)
