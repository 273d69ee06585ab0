"""A case of the store in the Data Privacy Vocabulary: from its ledger alone, and nothing of the person in it."""

from __future__ import annotations

import json

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.evidence.bundle import export_dpv
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import CaseAction
from tests.support import vocabulary
from tests.support.bench import CANARIES
from tests.support.canary import Scanner
from tests.support.desk import facts, in_the_uk
from tests.support.steps import carried_out, searched

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
SCANNER = Scanner({value: value for value in (*CANARIES, "23125", "quill", "Olga Opener", "Dana Decider")})


def sound(case_id):
    document = export_dpv(current_app(), case_id)
    graph = vocabulary.triples(document)
    assert {tuple(str(part) for part in one) for one in graph} == vocabulary.statements(document)
    assert list(vocabulary.objections(graph)) == []
    assert not SCANNER.scan(json.dumps(document).encode(), "export")
    return document


def with_status(document, status):
    return [one for one in document["@graph"] if one.get("dpv:hasStatus") == {"@id": f"dpv:Request{status}"}]


def test_an_erasure_says_what_was_erased_and_what_is_kept(bench):
    case_id = carried_out(bench)
    with bench.file(case_id) as file:
        file.advance(CaseAction.ANSWER)
    (unsent,) = [one["@id"] for one in sound(case_id)["@graph"][0]["dpv:hasRequestStatus"]]
    assert unsent == "dpv:RequestUnfulfilled", "the parts are done, but nobody was told"
    with bench.file(case_id) as file:
        file.ledger.append("LetterSent", actor="Dana Decider", letter="L11", at=bench.moment[0].isoformat())
    document = sound(case_id)
    statuses = [one["@id"] for one in document["@graph"][0]["dpv:hasRequestStatus"]]
    assert statuses == ["dpv:RequestFulfilled", "dpv:RequestUnfulfilled"]
    (kept, _) = with_status(document, "Unfulfilled")
    assert kept["dpv:hasJustification"][0]["@type"][1] == "eu-gdpr:JustificationA17LegallyRequired"
    erased = [one for one in with_status(document, "Fulfilled") if one.get("dpv:hasProcessing") == {"@id": "dpv:Erase"}]
    assert {one["dpv:isImplementedUsingTechnology"]["dct:title"] for one in erased} == {"helpdesk", "payments", "calls"}


def test_an_access_case_in_the_middle_of_its_work(bench):
    case_id = searched(bench, "access")
    document = sound(case_id)
    assert document["@graph"][0]["dpv:hasRequestStatus"] == [{"@id": "dpv:RequestRequiredActionPerformed"}]
    assert document["@graph"][0]["dpv:hasRight"] == {"@id": "eu-gdpr:A15"}
    (controller,) = [one for one in document["@graph"] if one["@type"] == "dpv:DataController"]
    assert controller["dpv:hasName"] == "Example Devices GmbH"


def test_the_law_is_that_of_the_case(bench):
    with in_the_uk(bench):
        document = sound(bench.open("erasure"))
    assert document["@graph"][0]["dpv:hasApplicableLaw"] == {"@id": "legal-gb:law-GDPR"}


def test_to_export_changes_nothing(bench):
    case_id = bench.open("access")
    before = facts(bench, case_id)
    export_dpv(current_app(), case_id)
    assert facts(bench, case_id) == before


def test_a_case_that_does_not_exist_has_none(bench):
    with pytest.raises(BadInput, match="There is no case"):
        export_dpv(current_app(), "DSR-2026-000000")
