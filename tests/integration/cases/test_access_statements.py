"""An access answer says what the configuration states and the case file proves, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import pyzipper

from rightsflow.app import current_app, installed
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.work.access.package import assemble_package, extract_records
from rightsflow.domain.connector import Withheld
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import Method, RecordRef
from rightsflow.store.case.keeping import PACKAGE, PASSPHRASE
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import ANNA_PHONE, ANNA_PROFILE, BORIS
from tests.support.desk import in_the_uk
from tests.support.processors import with_processors
from tests.support.steps import SYSTEMS, answered_access, searched, send_answer

WITHHELD = Withheld(what="2 fields: agent, channel", reason="They describe employees.")


def read_package(bench, case_id):
    """The texts of the package by their names."""
    with bench.file(case_id) as file:
        path, passphrase = file.outbox.secret(PACKAGE), file.outbox.secret(PASSPHRASE)
    with pyzipper.AESZipFile(path) as archive:
        archive.setpassword(passphrase.encode())
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


@pytest.mark.apart
def test_what_nobody_stated_is_not_said_favourably(bench):
    """Before, an empty key became "no one outside the controller" and "no transfer outside the EEA"."""
    case_id = searched(bench, "access")
    for system in SYSTEMS:
        extract_records(current_app(), case_id, system)
    for change, missing in [
        ({"recipients": ()}, "recipients"),
        ({"transfers": ""}, "transfers"),
        ({"transfers": "  "}, "transfers"),
    ]:
        systems = {name: section.model_copy(update=change) for name, section in bench.runtime.systems.items()}
        sentence = rf"\[systems\.helpdesk\] {missing}"
        with installed(replace(bench.runtime, systems=systems)), pytest.raises(Misconfigured, match=sentence):
            assemble_package(current_app(), case_id)
    controller = bench.runtime.settings.controller.model_copy(update={"automated_decisions": ""})
    settings = bench.runtime.settings.model_copy(update={"controller": controller})
    sentence = r"\[controller\] automated_decisions"
    with installed(replace(bench.runtime, settings=settings)), pytest.raises(Misconfigured, match=sentence):
        assemble_package(current_app(), case_id)


@pytest.mark.apart
def test_guarantees_are_offered_only_for_transfers_that_are_named(bench):
    first = answered_access(bench)
    letter = read_package(bench, first)["letter.txt"]
    send_answer(bench, first)
    assert "copy of the guarantees" not in letter
    assert "no transfer outside the European Economic Area" in letter
    systems = {
        name: section.model_copy(update={"transfers": "USA, adequacy decision"})
        for name, section in bench.runtime.systems.items()
    }
    with installed(replace(bench.runtime, systems=systems)):
        letter = read_package(bench, answered_access(bench))["letter.txt"]
    assert "copy of the guarantees" in letter
    assert "Third countries: USA, adequacy decision" in letter


@pytest.mark.apart
def test_what_the_configuration_and_the_connectors_state_is_said_and_records_are_counted(bench):
    """Transfers of the register's companies, what a search does not find, what is left out, and how long it is kept."""
    subs = [{"name": "Subcalls Ltd", "transfers": "India, standard contractual clauses"}]
    register = with_processors(bench.runtime.settings, transfers="Brazil, binding corporate rules", sub_processors=subs)
    retention = register.retention.model_copy(update={"evidence_months": 24})
    bench.systems["payments"].cannot_find = ("Payments of guests.",)
    helpdesk = bench.systems["helpdesk"]
    helpdesk.kinds = tuple(
        replace(one, withheld=(WITHHELD,)) if one.name == "ticket" else one for one in helpdesk.kinds
    )
    with installed(replace(bench.runtime, settings=register.model_copy(update={"retention": retention}))):
        case_id = answered_access(bench)
    files = read_package(bench, case_id)
    letter = files["letter.txt"]
    said = "Callhouse Lisbon: Brazil, binding corporate rules; Subcalls Ltd: India, standard contractual clauses"
    assert letter.count(f"Third countries: {said}") == 2, "helpdesk and payments, in which it works"
    assert letter.count("no transfer outside the European Economic Area") == 1
    assert "copy of the guarantees" in letter
    assert "until 31 December 2028" in letter
    assert "Helpdesk: 2 fields: agent, channel. They describe employees. (Art. 15(4) GDPR)" in letter
    assert "Nothing was left out" not in letter
    assert re.search(r"Our search here does not find:\s+- Payments of guests\.", letter)
    assert re.search(r"Our search here does not find:\s*(<[^>]*>\s*)*Payments of guests\.", files["letter.html"])
    assert "call recordings (1 record with 1 file)" in letter
    assert "service tickets (2 records)" in letter
    sheet = render_sheet(read_overview(current_app(), case_id), bench.runtime)
    assert "| calls | call recordings | in the package | 1 |" in sheet
    assert "| helpdesk | service tickets | in the package | 2 |" in sheet


@pytest.mark.apart
def test_what_cannot_be_attributed_is_not_called_given_nor_not_held(bench):
    """A system in which only records of a contested number were found holds something, and none of it was given."""
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r9", texts=((BORIS | {ANNA_PHONE}, "his"),), audio=b"R")
    )
    bench.systems["calls"].add(FakeRecord(kind="recording", key="r8", texts=((frozenset({ANNA_PHONE}), "whose"),)))
    case_id = answered_access(bench)
    sheet = render_sheet(read_overview(current_app(), case_id), bench.runtime)
    assert "| calls | call recordings | unclear |" in sheet
    letter = read_package(bench, case_id)["letter.txt"]
    calls = letter.split("CALLS")[1].split("AUTOMATED DECISIONS")[0]
    assert "found nothing that we can attribute to you" in calls
    assert "Calls: call recordings (2 records). We found them by nothing but a number" in letter


def test_a_record_that_was_gone_before_it_was_copied_is_said(bench):
    case_id = searched(bench, "access")
    list(bench.systems["helpdesk"].erase([RecordRef("helpdesk", "ticket", "t1")], Method.ERASE, ANNA_PROFILE))
    for system in SYSTEMS:
        extract_records(current_app(), case_id, system)
    outcomes = read_overview(current_app(), case_id).outcomes()
    assert outcomes["helpdesk", "service tickets", "gone before it was copied"] == 1
    assert outcomes["helpdesk", "service tickets", "in the package"] == 1


@pytest.mark.apart
def test_under_the_uk_gdpr_the_package_cites_that_law(bench):
    """Before, an answer under the UK GDPR cited the GDPR, its authority's article and the EEA."""
    with in_the_uk(bench):
        files = read_package(bench, answered_access(bench))
    for name in ("letter.txt", "letter.html", "index.html"):
        text = files[name].replace("UK GDPR", "")
        assert "GDPR" not in text, name
        assert "European Economic Area" not in text
    letter = files["letter.txt"]
    assert "no transfer outside the United Kingdom" in letter
    assert "s. 165 Data Protection Act 2018" in letter
    assert "the High Court" in letter
