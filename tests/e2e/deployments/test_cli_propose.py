"""The command that proposes a section: to a terminal, to a file, with doctor after it; nothing of a row is shown."""

from __future__ import annotations

import stat

from tests.support.homes import ANNA, assert_one_sentence


def test_a_section_is_proposed_checked_and_completed(home, monkeypatch):
    monkeypatch.setenv("CRM_URL", f"sqlite:///{home.people}")
    rows, out = home.rows(), home.folder / "crm.toml"
    for wrong in (
        ("postgresql://rights:hush@db/crm",),
        ("env:CRM_URL", "--name", "No name"),
        ("env:CRM_URL", "--out", home.config),
        ("env:CRM_URL", "--out", home.folder / "nowhere" / "crm.toml"),
    ):
        said = home.run("systems", "propose", *wrong)
        assert_one_sentence(said, 2)
        assert "hush" not in said.err
    assert_one_sentence(home.run("systems", "propose", "env:NO_SUCH_URL"), 2)

    shown = home.run("systems", "propose", "env:CRM_URL")
    assert "[systems.crm]" in shown.out
    assert "likely: by its name, and 2 of 2 different values can be read" in shown.out
    assert home.run("systems", "propose", "env:CRM_URL", "--json").document == {"section": shown.out}
    assert home.run("systems", "propose", "env:CRM_URL", "--name", "crm", "-o", out).status == 0
    assert (out.read_text(), stat.S_IMODE(out.stat().st_mode)) == (shown.out, 0o600)
    assert not any(value in shown.out for value in (*ANNA.values(), "kettles", "boris", str(home.people)))

    head, _, _ = home.config.read_text().partition("[systems.")
    home.config.write_text(head + out.read_text())
    checked = home.run("doctor", "--json").document
    assert checked["crm"]["ok"], checked["crm"]
    answers = checked["access answers"]
    assert not answers["ok"]
    for key in ("recipients", "transfers", "purposes", "categories", "source", "retention"):
        assert f"[systems.crm] {key}" in answers["detail"]
    assert home.rows() == rows
