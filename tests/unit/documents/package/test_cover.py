"""The cover letter divided: what is said of the case is never folded."""

from __future__ import annotations

from rightsflow.documents.package.cover import cover_sections

LETTER = """Example Devices GmbH

Dear Anna,

HELPDESK
- Found about you: service tickets (7 records)
- Purposes: handling service requests
- Our search here does not find:
  - Mentions by name alone.

WHAT WAS LEFT OUT
- Helpdesk: 2 tickets. They are another person's.

YOUR RIGHTS
- You can complain.
"""


def test_what_is_said_of_the_case_stands_apart_from_what_every_answer_says():
    first, helpdesk, left_out, rights = cover_sections(LETTER)
    assert (first.heading, first.standing) == ("", "")
    assert "Dear Anna" in first.text
    assert helpdesk.text == "- Found about you: service tickets (7 records)"
    assert "Mentions by name alone" in helpdesk.standing
    assert (left_out.standing, "another person's" in left_out.text) == ("", True)
    assert (rights.text, rights.standing) == ("", "- You can complain.")
    said = "".join(f"{one.heading}{one.text}{one.standing}" for one in cover_sections(LETTER))
    assert sorted("".join(said.split())) == sorted("".join(LETTER.split())), "nothing is dropped"
