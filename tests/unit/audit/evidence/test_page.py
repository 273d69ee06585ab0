"""The page: complete, readable, safe to open, and the same from the same entries."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise

from rightsflow.audit.evidence import page as module
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.page import page
from rightsflow.audit.ledger import read_entry
from tests.support.html_page import Page
from tests.support.story import CONTROLLER, STORY, digest, entries_of, exported

DIGEST = "0872460b8b55a8d176eafbe7867a4a5963d7447c4270532f75399b912d10b890"
"""The SHA-256 of the story's page in the present format."""


def shown(story=STORY, **export):
    return Page(page(fold([read_entry(one.body) for one in exported(story, **export)]), CONTROLLER))


PAGE = shown()


def test_it_says():
    for expected in (
        "Erasure request, received on 5 March 2026; answered, by an answer sent on 12 March 2026, 27 days before the",
        "Answer sent 12 March 2026, 16:00 UTC, 27 days before the last day of the law",
        "Exported by Aud Itor on 14 March 2026.",
        "5 March 2026, 08:30 UTC+01:00",
        "Last day of the law 8 April 2026",
        "1 delegated, 1 erased, 1 redacted and 1 retained",
        "Earlier cases of who gave the same e-mail address, or two of the same identifiers, found by keyed hashes: 1.",
        "absent means that nothing of the person can be read in this record any more.",
        "Roles of those whose names were typed not recorded",
        "Version of the retention rules not recorded",
        "Recipients told (Art. 19 GDPR) as listed under processors; others are not recorded",
        "Back-ups not recorded",
        "registered post; the reference of a proof is held",
        "e-mail; taken by the mail server with code 250 as 4XyZq12abcz9",
        "To which address letters were sent not recorded",
        "the controller can give the text beside this file",
        "give them with --seals FOLDER",
        "How the dates were computed: identity confirmed The clock stood for one day.",
        "Identity confirmed by Ida Identity on 7 March 2026, 09:00 UTC: call back to the known number.",
        "Four eyes: opened by Olga Opener (name typed, not signed in), approved by Dana Decider (name typed, not",
        "service tickets: 2 1 not attributable",
        "11 March 2026, 09:00 UTC 2 absent",
        "1 attempt failed",
        "seen again 1 time and erased again",
        "payments invoices: 1, until 31 December 2034 retained “The law obliges us to keep payment vouchers.” Art. 17",
        "Controller: Example Devices GmbH · Supervisory authority: BayLDA",
        "All times are in UTC unless another offset is given.",
        "Owner of the case dana",
        "12 March 2026, 09:00 UTC 12 March 2026, 16:00 UTC 13 March 2026, 09:00 UTC Dana Decider",
        "Processor confirmed rightsflow processor Callhouse",
        "Alert acknowledged Dana Decider",
        "Personal data revealed Dana Decider",
        "Case handed over Olga Opener (name typed, not signed in) before case_owner, now dana",
        "Each of the 37 entries carries the SHA-256",
        "seal 7 covered the entries up to number 30 of 37. Those after it (entries 31 to 37), the note of this export",
    ):
        assert expected in PAGE.text


PROVED = {"role": "officer", "signed_in": "signed in by passkey"}
SENT = {"letter": "L10", "at": "2026-03-12T16:00:00+00:00", "channel": "e-mail", "smtp_code": "250"}
ADDRESS = {"address": "an address that a code proved", "attached": "package"}


def signed_in_story():
    """The page of a case on which signed-in people act alone."""
    acted = (
        (0, "CaseOpened", "Olga", OPENED[3] | PROVED),
        (1, "AlertAcknowledged", "Olga", {"alert": "due-soon"} | PROVED),
        (2, "ProcessorConfirmed", "Olga", {"system": "calls"} | PROVED),
        (3, "AlertRaised", "rightsflow", {"alert": "overdue"}),
        (4, "LetterSent", "Olga", SENT | ADDRESS | PROVED),
    )
    return Page(page(fold(entries_of(acted)), CONTROLLER)).text


def test_roles_stand_beside_who_acted_and_are_not_said_to_be_missing_where_they_are_not():
    text = signed_in_story()
    assert "Alert acknowledged Olga (officer, signed in by passkey) alert due-soon" in text
    assert "Processor confirmed Olga (officer, signed in by passkey) system calls" in text
    assert "Alert raised rightsflow alert overdue" in text
    assert "signed in signed in" not in text
    assert "Roles of those" not in text


def test_the_kind_of_address_to_which_a_letter_was_mailed_stands_with_how_it_was_sent():
    said = "e-mail to an address that a code proved; with the package; taken by the mail server with code 250"
    assert said in signed_in_story()


def test_what_was_seen_again_is_called_erased_again_only_where_it_is():
    """Before, it was also called so while it was still to be erased, and where a rule keeps it by now."""
    for last, said in (
        ({"outcome": "erased"}, "erased seen again 1 time and erased again"),
        ({"outcome": "retained"}, "retained seen again 1 time"),
        ({}, "open seen again 1 time"),
    ):
        record = {"record": digest("d"), "system": "helpdesk", "kind": "ticket", "category": "tickets"}
        story = (
            (0, "CaseOpened", "Olga", OPENED[3]),
            (1, "OutcomeRecorded", "rightsflow", record | {"outcome": "erased", "reason": "It was gone."}),
            (2, "OutcomeTakenBack", "rightsflow", record),
            *([(3, "OutcomeRecorded", "rightsflow", record | last)] if last else []),
        )
        text = Page(page(fold(entries_of(story)), CONTROLLER)).text
        assert said in text
        assert ("and erased again" in text) is (last.get("outcome") == "erased")
        assert "Remarks on what was erased" not in text


def test_it_says_how_the_opener_and_the_decider_were_signed_in_and_by_which_mandate_was_asked():
    proved = {"role": "officer", "signed_in": "signed in by passkey"}
    checked = {"checked_at": "2026-03-05T10:00:00+01:00", "against": "e-mail address", "held_by": "helpdesk"}
    mandate = {"on_file_since": "2024-05-03", "mandate": "lawyer's mandate", "mandate_seen_on": "2026-03-04"}
    identity = {"gate": "identity", "verdict": "confirmed", "method": "call back to the known number", "code": ""}
    text = Page(
        page(
            fold(
                entries_of(
                    (
                        (0, "CaseOpened", "Olga", OPENED[3] | proved),
                        (1, "DecisionRecorded", "Olga", identity | checked | mandate | proved),
                        (*decided("approved", "")[:3], decided("approved", "")[3] | proved | {"role": "approver"}),
                    )
                )
            ),
            CONTROLLER,
        )
    ).text
    assert "by Olga (officer, signed in by passkey)" in text
    assert "opened by Olga (officer, signed in by passkey), approved by Dana (approver, signed in by passkey)." in text
    assert "since 3 May 2024; asked by a representative (lawyer’s mandate, seen on 4 March 2026)." in text.replace(
        "lawyer's", "lawyer’s"
    )


def test_identifiers_and_records_are_hashes():
    assert digest("a") in PAGE.text
    assert f"{'4' * 16}…" in PAGE.text


def test_the_seals_are_said_as_they_are():
    text = shown(sealed=36, seal=9).text
    assert "seal 9 covered the entries up to number 36 of 37. The last one (entry 37), the note of this export" in text
    assert "stands under this file’s own signature alone" in shown(sealed=0, seal=0).text
    assert "No seal is noted in the entries" in Page(page(fold(entries_of()), CONTROLLER)).text


OPENED = (0, "CaseOpened", "Olga", {"right": "access", "due_on": "2026-04-07"})
ASSEMBLED = (1, "StepDone", "rightsflow", {"step": "assemble", "system": "", "invoices": 9, "package": digest("f")})
ANSWERED = (3, "CaseAnswered", "rightsflow", {})


def decided(verdict, package):
    said = {"gate": "approval", "verdict": verdict, "code": "", "method": "", "reason": "", "plan": package}
    return (2, "DecisionRecorded", "Dana", said)


def sent(letter, at):
    return (4, "LetterSent", "Dana", {"letter": letter, "at": at})


def test_an_answer_is_handed_over_when_it_was_sent():
    # What was not sent is not called handed over.
    for ending in (
        ((3, "CaseWithdrawn", "Olga", {}),),
        (decided("refused", digest("f")), (3, "CaseRefused", "Dana", {}), sent("L7", "2026-03-10T10:00:00+01:00")),
        (ANSWERED,),
        (ANSWERED, sent("L1", "2026-03-10T10:00:00+01:00")),
    ):
        text = shown((OPENED, ASSEMBLED, *ending)).text
        assert "Prepared, not handed over invoices: 9" in text
        assert "Handed over" not in text
    # What was sent is handed over and says when.
    text = shown((OPENED, ASSEMBLED, ANSWERED, sent("L9", "2026-03-10T10:00:00+01:00"))).text
    assert "Handed over to the person invoices: 9" in text
    assert "Handed over with the letter sent on 10 March 2026, 09:00 UTC" in text
    assert "are counted in records" in text
    # The day of the answer is that of its sending.
    for at, said in (
        ("2026-04-06T10:00:00+02:00", "sent on 6 April 2026, 1 day before the last day of the law."),
        ("2026-04-07T23:59:00+02:00", "sent on 7 April 2026, on the last day of the law."),
        ("2026-04-08T00:30:00+02:00", "sent on 8 April 2026, 1 day after the last day of the law."),
        ("2027-03-01T10:00:00+01:00", "sent on 1 March 2027, 328 days after the last day of the law."),
    ):
        assert f"answered, by an answer {said}" in shown((OPENED, ANSWERED, sent("L9", at))).text
    # An answer that was only written is no answer yet.
    written = (3, "LetterWritten", "rightsflow", {"letter": "L10", "version": "1", "language": "en"})
    text = shown((OPENED, ANSWERED, written)).text
    assert "Closed not yet" in text
    assert "answered, by an answer written on 8 March 2026 of which no sending is noted." in text
    assert "Answer sent not noted" in text
    assert "withdrawn on 8 March 2026." in shown((OPENED, (3, "CaseWithdrawn", "Olga", {}))).text
    assert "; received." in shown((OPENED,)).text


def stated(*systems, **people):
    return (9, "EvidenceExported", "Aud Itor", {"stated": list(systems), **people})


def page_of(*story):
    return Page(page(fold(entries_of(story)), CONTROLLER)).text


def test_it_names_who_is_accountable_the_recipients_and_what_a_search_could_not_find():
    # Before, a role stood there alone: "the case owner".
    text = page_of(OPENED, stated(accountable="Case office (Jo Doe)", dpo="Dr. Ada Officer"))
    assert "Accountable person Case office (Jo Doe) Data protection officer Dr. Ada Officer" in text
    # Before, the page said "Processors: none connected" whatever the configuration named.
    text = page_of(
        OPENED,
        (3, "ProcessorAsked", "Dana", {"processor": "Callhouse"}),
        stated(
            {"system": "calls", "recipients": ["Callhouse", "Paywell plc"], "transfers": "United States, clauses"},
            {"system": "crm", "recipients": ["none"], "transfers": "none"},
            {"system": "shop", "recipients": [], "transfers": ""},
        ),
    )
    for row in (
        "calls Callhouse as listed above United States, clauses",
        "calls Paywell plc not instructed United States, clauses",
        "crm none, as stated – none, as stated",
        "shop not stated – not stated",
    ):
        assert row in text
    assert "accountable person, data protection officer not recorded" in page_of(OPENED)
    # Before, the page said where it was searched and was silent on what such a search cannot find.
    located = {"step": "locate", "system": "payments", "cannot_find": ["Payments made as a guest."]}
    text = page_of(OPENED, (1, "StepDone", "rightsflow", located))
    assert "What the searches could not find payments: Payments made as a guest." in text
    assert "not recorded of" not in text
    old = page_of(OPENED, (1, "StepDone", "rightsflow", {"step": "locate", "system": "payments"}))
    assert "What the searches could not find not recorded of payments" in old


def test_what_was_left_out_of_the_package_is_listed():
    # Before, what the package left out and why stood in the package alone.
    left = {"system": "helpdesk", "what": "notes of staff", "reason": "They name others.", "legal_basis": "Art. 15(4)"}
    text = page_of(
        OPENED, (1, *ASSEMBLED[1:3], ASSEMBLED[3] | {"left_out": [left | {"count": 0}, left | {"count": 2}]})
    )
    assert "helpdesk notes of staff a part of records that were given “They name others.” Art. 15(4)" in text
    assert "helpdesk notes of staff 2 “They name others.” Art. 15(4)" in text
    assert "What was left out of the access package not recorded" in page_of(OPENED, ASSEMBLED)
    # The release is bound to the package.
    for package, differs in ((digest("f"), False), (digest("e"), True)):
        text = shown((OPENED, ASSEMBLED, decided("approved", package))).text
        assert f"package {package[:16]}…" in text
        assert ("The package that was approved is not the one that stands above." in text) is differs
    # Before, it read as if another package had been handed over than the one that was approved.
    said = {"records": [digest("4")], "act": "leave out", "provision": "Art. 15(4)"}
    left_out = 3, "RecordsDecided", "Dana Decider", said
    text = shown((OPENED, left_out, ASSEMBLED, decided("approved", digest("e")))).text
    assert "The approval left records out: the package was made again after it, without them" in text
    assert "is not the one that stands above" not in text


def outcome(state, **more):
    said = {"record": digest("4"), "system": "helpdesk", "category": "contact data", "outcome": "erased", **more}
    looked = {"record": digest("4"), "system": "helpdesk", "state": state}
    return ((1, "OutcomeRecorded", "rightsflow", said), (1, "PresenceChecked", "rightsflow", looked))


def test_what_stays_is_not_called_erased_and_has_one_row():
    # What is still seen is not called erased.
    text = shown((OPENED, *outcome("present"))).text
    assert "Outcome 1 still seen after the erasure" in text
    assert "What stays, and why" in text
    assert "1 erased " not in text
    # What a rule says of the erased is on the page.
    text = shown((OPENED, *outcome("absent", reason="Other products follow within 30 days."))).text
    assert "Remarks on what was erased" in text
    assert "helpdesk contact data 1 erased “Other products follow within 30 days.”" in text
    assert "What stays, and why" not in text
    # What stays for one reason is one row.
    why = {"reason": "The law obliges us.", "legal_basis": "§ 147 AO"}
    told = {"reason": "We cannot tell whether it is yours.", "ends_when": "you give us details"}
    story = (
        kept("1", "invoices", until="2034-12-31", **why),
        kept("2", "invoices", until="2034-12-31", **why),
        kept("3", "invoices", until="2033-12-31", **why),
        kept("4", "orders", **why),
        kept("5", "calls", **told),
    )
    text = shown((OPENED, *story)).text
    assert (
        "shop invoices: 2, until 31 December 2034 invoices: 1, until 31 December 2033 orders: 1 retained "
        "“The law obliges us.” § 147 AO shop calls: 1, until “you give us details” retained"
    ) in text
    assert "“We cannot tell whether it is yours.” – What stands in quotation marks is worded for the letter" in text


def kept(record, category, **more):
    said = {"record": digest(record), "system": "shop", "category": category, "outcome": "retained", **more}
    return (1, "OutcomeRecorded", "rightsflow", said)


def test_who_answered_when_and_how_is_told_in_words():
    # Who answers is a role in words or a name.
    for owner, words in (("dpo", "the data protection officer"), ("Dana (x)", "Dana (x)")):
        opened = (0, "CaseOpened", "Olga", {"right": "access", "owner": owner})
        assert f"Owner of the case {words} " in shown((opened,)).text
    text = shown((OPENED, ANSWERED, sent("L9", "2026-04-08T00:30:00+02:00"))).text
    assert "Answer sent 8 April 2026, 00:30 UTC+02:00, 1 day after the last day of the law" in text
    # Found: "Received 26 November 2026, 00:00 UTC+01:00", where only the day was known.
    opened = (0, "CaseOpened", "Olga", {**STORY[0][3], "received_at": "2026-03-05T00:00:00+01:00"})
    assert "Received 5 March 2026 Case opened" in shown((opened,)).text
    # Masking is counted or said to be unknown.
    redacted = (1, "StepDone", "rightsflow", {"step": "redact", "system": "helpdesk", "email address": 3})
    assert "Masked in the copies email address: 3" in shown((OPENED, redacted)).text
    assert "Masking of other people’s data none recorded" in shown((OPENED,)).text
    assert "Processors none connected" not in shown((OPENED,)).text
    # The same person on both sides is not hidden.
    approved = ("DecisionRecorded", "Olga Opener", {"gate": "approval", "verdict": "approved"})
    assert (
        "approved by Olga Opener (name typed, not signed in) – the same person."
        in shown((*STORY[:1], (1, *approved))).text
    )
    failed = (1, "StepFailed", "rightsflow", {"step": "erase", "system": "calls", "error": "It does not answer."})
    assert "Step failed (5 times)" in shown((*STORY[:1], *[failed] * 5)).text


def test_it_is_read_everywhere_by_everyone():
    # An empty case is a page too.
    text = Page(page(fold(entries_of(STORY[:1])), CONTROLLER)).text
    for expected in ("No decision is recorded.", "No system was searched.", "None was raised.", "not yet"):
        assert expected in text
    # Whatever stands in the entries is shown and not run.
    evil = "<script>alert(1)</script><img src=//x onerror=alert(1)>"
    opened = (0, "CaseOpened", evil, {**STORY[0][3], "explanation": evil, "regime": evil})
    outcome = {"record": evil, "system": evil, "kind": evil, "category": evil, "outcome": "retained", "reason": evil}
    found = shown((opened, (1, "OutcomeRecorded", evil, outcome), (1, evil, evil, {evil: evil})))
    assert not found.all("script")
    assert not found.all("img")
    assert found.text.count("<script>alert(1)</script>") >= 8
    # It reaches for nothing.
    policy = next(one["content"] for one in PAGE.all("meta") if "content" in one and "default-src" in one["content"])
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    linked = [one[name] for _, one in PAGE.elements for name in ("src", "href", "action") if name in one]
    assert linked == ["#main"]
    assert not {"script", "link", "iframe", "form", "img"} & {tag for tag, _ in PAGE.elements}
    # It can be read without eyes.
    headings = [int(tag[1]) for tag, _ in PAGE.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))
    ids = [one["id"] for _, one in PAGE.elements if "id" in one]
    assert len(ids) == len(set(ids))
    assert {one["aria-labelledby"] for one in PAGE.all("section")} <= set(ids)
    assert all(one.get("scope") in {"col", "row"} for one in PAGE.all("th"))
    # Finished bundles are compared with what this version makes: if this fails, count ``FORMAT`` up.
    assert module.FORMAT == 1
    assert hashlib.sha256(page(fold(entries_of()), CONTROLLER)).hexdigest() == DIGEST
