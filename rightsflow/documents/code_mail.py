"""The mail that takes a code to an address on file. It says who asks and what to do, and nothing of what is held.

Who reads it may be another person than who made the request: it names neither the person nor what was asked for.
"""

from __future__ import annotations

from rightsflow.domain.gates.identity import spelt


def code_mail(
    *, case_id: str, code: str, controller: str, contact: str, ends: str, language_note: str
) -> tuple[str, str]:
    """Subject line and text.

    Args:
        case_id: The case.
        code: The code's digits.
        controller: The controller's name.
        contact: The address that is answered to.
        ends: Until when the code counts, in words with its zone.
        language_note: What a reader of another language is told first, in theirs; empty where nothing is.
    """
    subject = f"Your code for request {case_id}"
    paragraphs = (
        language_note,
        "Good day,",
        f"{controller} received a request that concerns this e-mail address. If you made it, please give us this code:",
        f"    {spelt(code)}",
        f"Answer this mail, or tell us when we call you. The code counts once, until {ends}.",
        "If you made no such request, give the code to no one: without it nothing is disclosed or erased.",
        f"Questions: {contact}. Please give the case number {case_id}.",
        f"Yours sincerely\n{controller}",
    )
    return subject, "\n\n".join(filter(None, paragraphs)) + "\n"
