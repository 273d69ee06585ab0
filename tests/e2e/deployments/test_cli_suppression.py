"""The commands of the suppression list."""

from __future__ import annotations

from tests.support.homes import ANNA, BY, assert_one_sentence


def test_the_list_from_an_objection_to_leaving_it(home, tmp_path):
    assert_one_sentence(home.run("systems", "suppressed", tmp_path / "missing"), 2)
    assert_one_sentence(home.run("systems", "suppress", *BY), 2)
    assert_one_sentence(home.run("systems", "suppress", "--email", "anna.at.example.com", *BY), 2)
    assert_one_sentence(home.run("service", "suppression"), 2)

    asked = tmp_path / "asked"
    asked.write_bytes(
        f"{ANNA['email'].upper()}\n boris.other@example.org \n{ANNA['phone']}\n\xff\xfe\n".encode("latin-1")
    )
    assert home.run("systems", "suppressed", asked).out.split() == ["no", "no", "no", "invalid"]
    put_on = home.run("systems", "suppress", "--email", ANNA["email"], "--phone", ANNA["phone"], *BY)
    assert "without an end: 2 addresses" in put_on.out
    asked_again = home.run("systems", "suppressed", asked)
    assert asked_again.out.split() == ["yes", "no", "yes", "invalid"]
    assert not any(value in asked_again.out + asked_again.err for value in ANNA.values())
    assert home.run("systems", "suppressed", asked, "--json").document == ["yes", "no", "yes", "invalid"]
    assert home.run("systems", "suppression-list", "--json").document == {
        "objection": 2,
        "erasure": 0,
        "consent withdrawn": 0,
    }
    assert_one_sentence(home.run("systems", "unsuppress", "--email", ANNA["email"], "--reason", " ", *BY), 2)
    assert home.run("systems", "unsuppress", "--email", ANNA["email"], "--reason", "Mail of today.", *BY).status == 0
    assert home.run("systems", "suppressed", asked).out.split() == ["no", "no", "yes", "invalid"]
    assert "objection: 1" in home.run("systems", "suppression-list").out
    assert home.run("ledger", "verify").status == 0
