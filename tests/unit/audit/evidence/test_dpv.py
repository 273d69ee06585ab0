"""The export in the Data Privacy Vocabulary: its terms exist, nothing is lost on the way into RDF, no one is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from rdflib import RDF, Graph, Literal, URIRef

from rightsflow.audit.evidence import dpv_terms
from rightsflow.audit.evidence.dpv import export
from rightsflow.audit.evidence.dpv_terms import CONTEXT, ENDINGS, ENDINGS_BY_RIGHT, REFUSALS, RIGHTS
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.vocabulary.states import CaseState
from tests.support import vocabulary
from tests.unit.audit.evidence.dpv_cases import (
    CASES,
    CONTROLLER,
    STAFF,
    VOUCHER,
    access_case,
    act,
    at,
    case,
    erasure_case,
    gate,
    letter,
    moved,
    record,
    system,
)

DPV, CASE = CONTEXT["dpv"], "urn:rightsflow:case:DSR-2026-7K3M9Q"
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
BOTH = pytest.mark.parametrize("made", [access_case, erasure_case])


def nodes(made, type_=""):
    """The nodes of an export, at the top and inside others, by their type."""
    found, waiting = [], list(export(made, CONTROLLER)["@graph"])
    while waiting:
        node = waiting.pop(0)
        types = node.get("@type", [])
        if not type_ or type_ in ([types] if isinstance(types, str) else types):
            found.append(node)
        for value in node.values():
            waiting += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return found


def activities(made):
    return nodes(made, "dpv:RightExerciseActivity")


def ids(value):
    """The bare names that a property leads to."""
    return [one["@id"].split(":")[-1] for one in (value if isinstance(value, list) else [value] if value else [])]


def why(activity):
    return [one["@type"][1] for one in activity.get("dpv:hasJustification", [])]


def course(made):
    """The statuses of the request in their order, each with its justifications."""
    return [(*ids(one["dpv:hasStatus"]), *why(one)) for one in activities(made) if "dpv:hasStatus" in one]


def whole(made):
    (node,) = nodes(made, "dpv:RightExerciseRecord")
    return node


def answer(made):
    """The last activity with a status."""
    return course(made)[-1]


def terms_in(value):
    """Every term in a table, however deep."""
    if isinstance(value, dpv_terms.Term):
        yield value
    elif isinstance(value, dpv_terms.Cause):
        yield value.term
    elif isinstance(value, Mapping | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from terms_in(one)


def sound(made):
    """Everything that holds for every export."""
    document = export(made, CONTROLLER)
    text = json.dumps(document)
    assert json.loads(text) == document
    graph = vocabulary.triples(document)
    assert {tuple(str(part) for part in one) for one in graph} == vocabulary.statements(document)
    assert list(vocabulary.objections(graph)) == []
    assert not [name for name in STAFF if name in text]
    ours = {one for one in graph.objects() if str(one).startswith("urn:rightsflow:case:")}
    assert ours <= set(graph.subjects(RDF.type))
    after, before = (set(graph.subject_objects(URIRef(DPV + name))) for name in ("isAfter", "isBefore"))
    assert {(late, early) for early, late in before} == after
    return graph


@pytest.mark.apart
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(CASES)
@pytest.mark.long
def test_every_case_there_could_be_gives_a_sound_export(made):
    sound(made)


class TestTheVocabulary:
    @BOTH
    def test_the_case_is_sound_and_survives_the_way_there_and_back(self, made):
        graph = sound(made())
        for form in ("json-ld", "turtle"):
            again = Graph().parse(data=graph.serialize(format=form), format=form)
            assert set(again) == set(graph)

    def test_every_term_is_known_and_of_its_kind(self):
        # The list of terms is whole.
        namespaces, kinds, _ = vocabulary.read()
        assert namespaces == {prefix: CONTEXT[prefix] for prefix in namespaces}
        assert len(kinds) == 1671
        assert (vocabulary.kind("dpv:hasStatus"), vocabulary.kind("dpv:RequestFulfilled")) == ("property", "class")
        assert not vocabulary.kind("dpv:Redact")
        # Statuses rights and processing are of their kind.
        statuses = {status for status, _ in REFUSALS.values()} | {
            one.status for one in (*ENDINGS.values(), *ENDINGS_BY_RIGHT.values()) if one.status
        }
        assert all("dpv:RequestStatus" in vocabulary.said(one, "a") for one in statuses)
        assert all("dpv:Right" in vocabulary.said(term, "a") for term, _ in RIGHTS.values())
        done = {one.processing for one in ENDINGS.values()} - {""}
        assert all("dpv:Processing" in vocabulary.said(one, "a") for one in done)
        assert (ENDINGS["restricted"].status, ENDINGS["not concerned"].status) == ("dpv:RequestUnfulfilled", "")
        assert ENDINGS_BY_RIGHT["restriction", "restricted"].status == "dpv:RequestFulfilled"
        assert set(REFUSALS) == set(Reason)
        assert set(ENDINGS) == set(Fate) - {Fate.FOUND, Fate.COPIED, Fate.GONE, Fate.LEFT_OUT}

    def test_what_the_vocabulary_does_not_have_is_seen_and_nothing_is_fetched(self):
        # What the vocabulary does not have is seen.
        for subject, predicate, thing, sentence in (
            (CASE, DPV + "hasSuccess", DPV + "RequestFulfilled", "hasSuccess is no property"),
            (CASE, DPV + "hasStatus", DPV + "RequestWithdrawn", "RequestWithdrawn is no class"),
            (CASE, DPV + "hasRequestStatus", DPV + "Erase", "to it there should be"),
            (CASE, DPV + "hasJustification", f"{CASE}/1", "of it there should be"),
        ):
            graph = vocabulary.triples(export(case(), CONTROLLER))
            graph.add((URIRef(subject), URIRef(predicate), URIRef(thing)))
            assert any(sentence in one for one in vocabulary.objections(graph))
        # A key that no context explains is seen.
        document = export(case(), CONTROLLER)
        document["@graph"][0]["hasStatus"] = "done"
        assert len(vocabulary.triples(document)) == len(vocabulary.statements(document)) - 1
        # Nothing has to be fetched.
        context = export(case(), CONTROLLER)["@context"]
        assert not {"@import", "@vocab", "@base"} & set(context)
        assert isinstance(context, dict)
        # Dates and instants have their types.
        graph = vocabulary.triples(export(erasure_case(), CONTROLLER))
        types = {one.datatype.split("#")[1] for one in graph.objects() if isinstance(one, Literal) and one.datatype}
        assert types == {"date", "dateTime", "integer"}


class TestTheCourse:
    """Each state and event with the status of the mapping."""

    def test_identity_extension_and_clarification_are_steps(self):
        # Identity and extension.
        assert course(access_case()) == [
            ("RequestInitiated",),
            ("RequestRequiresAction", "eu-gdpr:JustificationA12IdentityRequired"),
            ("RequestAcknowledged",),
            ("RequestRequiredActionPerformed",),
            ("RequestActionDelayed", "eu-gdpr:JustificationA12Delay"),
            ("RequestAccepted",),
            ("RequestFulfilled",),
        ]
        # Clarification.
        made = case(clock=(moved(1, "clarification-requested", None), moved(3, "clarification-received")))
        assert course(made)[1:] == [
            ("RequestRequiresAction", "eu-gdpr:JustificationA12InformationRequired"),
            ("RequestRequiredActionPerformed",),
        ]
        # Before, each old entry of a case that only waited was told as a question to the person.
        assert course(case(acts=(act(0, "IdentityAsked"),))) == course(case())
        # A case waits for identity before the clock knows.
        made = case(acts=(act(0, "ProofOfIdentityAsked"),))
        assert answer(made) == ("RequestRequiresAction", "eu-gdpr:JustificationA12IdentityRequired")
        assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestRequiresAction"]

    def test_a_step_is_there_once_with_all_that_is_known_of_it(self):
        # One step that is said three times is one with all that is known of it.
        made = case(
            acts=(act(0, "ProofOfIdentityAsked"), act(5, "IdentityConfirmed")),
            clock=(moved(1, "identity-requested", None), moved(4, "identity-confirmed")),
            decisions=(gate(5, "identity", "confirmed", method="call back to the known number"),),
        )
        (shown,) = [one for one in activities(made) if ids(one["dpv:hasStatus"]) == ["RequestRequiredActionPerformed"]]
        assert shown["created"] == at(4).isoformat()
        assert (shown["rf:identityMethod"], shown["dueOn"]) == ("call back to the known number", "2026-04-14")
        assert ids(shown["prov:wasAssociatedWith"]) == ["DSR-2026-7K3M9Q/subject"]
        assert len(course(made)) == 3
        made = case(acts=(act(4, "IdentityConfirmed"),), clock=(moved(5, "identity-confirmed"),))
        assert [one.get("dueOn") for one in activities(made)] == ["2026-04-14", "2026-04-14"]
        # It begins with the receipt or where that is not known with the opening.
        for received_at, begins in ((at(0, 8), at(0, 8)), (None, at(0))):
            made = case(received_at=received_at)
            assert activities(made)[0]["created"] == whole(made)["created"] == begins.isoformat()
        # Of two refusals the last counts.
        decisions = (gate(3, "identity", "refused", code="R1"), gate(4, "approval", "refused", code="R5"))
        made = case("access", CaseState.REFUSED, decisions=decisions)
        assert answer(made) == ("RequestUnfulfilled", "justifications:ThirdPartyRightsImpaired")
        # A second question is a second step.
        made = case(acts=(act(0, "ProofOfIdentityAsked"), act(5, "IdentityConfirmed"), act(6, "ProofOfIdentityAsked")))
        assert [one[0] for one in course(made)[1:]] == [
            "RequestRequiresAction",
            "RequestRequiredActionPerformed",
            "RequestRequiresAction",
        ]
        made = case(acts=tuple(act(1, one) for one in ("CaseAtRisk", "CaseHandedOver", "PersonalDataRevealed")))
        assert course(made) == [("RequestInitiated",)]

    def test_how_it_ended_is_said(self):
        # Refusals.
        for code, status, european, general in (
            ("R1", "Rejected", "eu-gdpr:JustificationA12IdentityFailure", "justifications:IdentityVerificationFailure"),
            ("R2", "Rejected", "justifications:ProcessRejected", "justifications:ProcessRejected"),
            ("R3", "Unfulfilled", *["justifications:NotRequiredJustification"] * 2),
            ("R4", "Unfulfilled", *["justifications:LegallyExempted"] * 2),
            ("R5", "Unfulfilled", *["justifications:ThirdPartyRightsImpaired"] * 2),
            ("R6", "Unfulfilled", *["justifications:LegallyExempted"] * 2),
            ("R7", "Rejected", *["justifications:NotRequiredJustification"] * 2),
            ("R8", "Rejected", "eu-gdpr:JustificationA12InformationRequired", "justifications:InformationRequired"),
            ("R9", "Rejected", *["justifications:NotRequiredJustification"] * 2),
            ("", "Rejected", *["justifications:NonFulfilmentJustification"] * 2),
        ):
            decisions = (gate(19, "approval", "refused", code=code),)
            for regime, term in (("gdpr", european), ("uk-gdpr", general)):
                made = case("erasure", CaseState.REFUSED, regime=regime, decisions=decisions)
                sound(made)
                assert answer(made) == (f"Request{status}", term)
                assert ids(whole(made)["dpv:hasRequestStatus"]) == [f"Request{status}"]
        # Withdrawn by the person.
        made = case("erasure", CaseState.WITHDRAWN, letters=(letter("L18", 20),))
        last = activities(made)[-1]
        assert answer(made) == ("RequestUnfulfilled", "justifications:NotRequiredJustification")
        assert last["dct:description"] == "The data subject withdrew the request."
        assert ids(last["prov:wasAssociatedWith"]) == ["DSR-2026-7K3M9Q/subject"]
        assert ids(last["dpv:hasNotice"]) == ["DSR-2026-7K3M9Q/letter-1"]
        # Nothing held.
        made = case("access", CaseState.NOTHING_HELD, systems=(system("helpdesk", {}),), letters=(letter("L8", 20),))
        assert answer(made) == ("RequestFulfilled",)
        assert activities(made)[-1]["dct:description"] == "No personal data of the data subject were found."


class TestUnsent:
    """Whatever was done, nothing is fulfilled before the person was told."""

    def test_what_was_not_sent_fulfils_nothing(self):
        # An answer that was not sent fulfils nothing.
        for right, state, more in (
            ("access", CaseState.ANSWERED, {"disclosed": {"invoices": 1}, "package": "c3" * 32}),
            ("access", CaseState.NOTHING_HELD, {}),
            ("erasure", CaseState.ANSWERED, {"records": (record(1, "erased", verified="absent"),)}),
            ("erasure", CaseState.ANSWERED, {}),
        ):
            made = case(right, state, answer_sent_at=None, **more)
            sound(made)
            assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestInitiated"]
            last = activities(made)[-1]
            assert last["dct:description"].endswith("The answer was written; that it was sent is not noted.")
            assert "prov:generated" not in last
            assert "dpv:hasStatus" not in last
        # What stays is said all the same.
        kept = record(1, "retained", "invoices", legal_basis=VOUCHER)
        made = case("erasure", CaseState.ANSWERED, answer_sent_at=None, records=(kept, record(2, "erased")))
        assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestUnfulfilled"]
        # A package that was never sent is handed out nowhere.
        for state in (CaseState.WITHDRAWN, CaseState.REFUSED):
            made = case("access", state, disclosed={"invoices": 1}, package="c3" * 32)
            assert "c3c3" not in json.dumps(export(made, CONTROLLER))
            assert "RequestFulfilled" not in ids(whole(made)["dpv:hasRequestStatus"])


class TestAccess:
    def test_what_was_searched_and_handed_out_is_said(self):
        # What was handed out.
        last = activities(access_case())[-1]
        assert ids(last["dpv:hasProcessing"]) == ["MakeAvailable"]
        assert [(one["@type"][1], one["rf:records"]) for one in last["dpv:hasPersonalData"]] == [
            ("pd:VoiceCommunicationRecording", 2),
            ("pd:Communication", 4),
        ]
        assert last["prov:generated"]["dct:identifier"] == "sha256:" + "c3" * 32
        # The searches are completed activities without a status of the request.
        searches = [one for one in activities(access_case()) if "dpv:hasActivityStatus" in one]
        assert {one["dpv:isImplementedUsingTechnology"]["dct:title"] for one in searches} == {"helpdesk", "calls"}
        assert all(ids(one["dpv:hasProcessing"]) == ["Query"] for one in searches)

    def test_letters_stand_at_their_steps(self):
        # Letters stand at their steps.
        steps = {ids(one["dpv:hasStatus"])[0]: one for one in activities(access_case()) if "dpv:hasStatus" in one}
        found = {
            status: [one.split("-")[-1] for one in ids(step["dpv:hasNotice"])]
            for status, step in steps.items()
            if "dpv:hasNotice" in step
        }
        assert found == {
            "RequestAcknowledged": ["1"],
            "RequestRequiresAction": ["2"],
            "RequestActionDelayed": ["3"],
            "RequestFulfilled": ["4"],
        }
        assert [one["dct:identifier"] for one in nodes(access_case(), "eu-gdpr:SARNotice")] == ["L9"]
        assert "dpv:hasNotice" not in whole(access_case())
        # A letter whose step is not there hangs on the record.
        made = case(letters=(letter("L1", 0, sent=False),))
        assert ids(whole(made)["dpv:hasNotice"]) == ["DSR-2026-7K3M9Q/letter-1"]
        (notice,) = nodes(made, "dpv:RightExerciseNotice")
        assert "issued" not in notice
        made = case(clock=(*case().clock, moved(1, "identity-requested", None)))
        assert whole(made)["dueOn"] == "2026-04-07"

    def test_the_record_says_who_what_law_and_by_when(self):
        # Names are made fit for an iri.
        made = case(case_id="a b", systems=(system("<é", {}),))
        sound(made)
        assert whole(made)["@id"] == "urn:rightsflow:case:a~20~b"
        (technology,) = nodes(made, "dpv:Technology")
        assert technology["@id"].endswith("/system/~3c~~e9~")
        # The record says who what law and by when.
        node = whole(access_case())
        assert ids(node["dpv:hasApplicableLaw"]) == ["law-GDPR"]
        assert node["dpv:hasApplicableLaw"] == {"@id": "legal-eu:law-GDPR"}
        assert node["dpv:hasRight"] == {"@id": "eu-gdpr:A15"}
        assert node["dueOn"] == "2026-06-15"
        assert node["rf:earlierCases"] == 1, "which they are is nobody's business here"
        (subject,) = nodes(access_case(), "dpv:DataSubject")
        assert subject["dpv:hasIdentifier"] == ["email:" + "a1" * 32]


class TestErasure:
    def test_what_is_erased_in_part_says_why_and_until_when(self):
        # Partly.
        made = erasure_case()
        assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestFulfilled", "RequestUnfulfilled", "RequestAccepted"]
        keeps = ("eu-gdpr:JustificationA17LegallyRequired", "eu-gdpr:JustificationA17LegalClaims")
        assert course(made)[-3:] == [("RequestFulfilled",), ("RequestUnfulfilled", *keeps), ("RequestAccepted",)]
        assert [one["dct:identifier"] for one in nodes(made, "dpv:RightNonFulfilmentNotice")] == ["L11"]
        # What is kept says why and until when.
        kept = {one["dpv:hasStorageCondition"]["@type"][1]: one for one in activities(erasure_case()) if _kept(one)}
        duty, claim = kept["dpv:UntilTimeDuration"], kept["dpv:UntilEventDuration"]
        assert duty["dpv:hasStorageCondition"]["validUntil"] == date(2034, 12, 31).isoformat()
        assert duty["dpv:hasJustification"][0]["dct:source"] == VOUCHER
        assert duty["dpv:hasJustification"][0]["dct:description"] == "A duty to keep."
        assert claim["dpv:hasStorageCondition"]["dct:description"] == "the dispute is settled"
        assert ids(duty["dpv:hasProcessing"]) == ["Store"]
        # What became of a record.
        for changes, status, processing in (
            ({"outcome": "erased", "verified": "absent"}, "Fulfilled", ["Erase"]),
            ({"outcome": "erased", "verified": ""}, "Fulfilled", ["Delete"]),
            ({"outcome": "erased", "verified": "unknown"}, "Fulfilled", ["Delete"]),
            ({"outcome": "erased", "verified": "present"}, "Unfulfilled", ["Delete"]),
            ({"outcome": "redacted"}, "Fulfilled", ["Remove"]),
            ({"outcome": "residue", "refused": True}, "Unfulfilled", ["Remove"]),
            ({"outcome": "pseudonymised"}, "Unfulfilled", ["Pseudonymise"]),
            ({"outcome": "restricted"}, "Unfulfilled", ["Restrict"]),
            ({"outcome": "not held"}, "Fulfilled", []),
            ({"outcome": "delegated"}, "Accepted", []),
            ({"outcome": "failed"}, "Unfulfilled", []),
            ({"outcome": "retained", "legal_basis": "No exception; the erasure is due"}, "ActionDelayed", ["Store"]),
        ):
            made = case("erasure", CaseState.EXECUTING, records=(record(1, **changes),))
            sound(made)
            last = activities(made)[-1]
            assert ids(last["dpv:hasStatus"]) == [f"Request{status}"]
            assert ids(last.get("dpv:hasProcessing")) == processing
            # A part that is done does not make the request done.
            assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestInitiated"]
        # The justification follows the legal basis.
        for basis, terms in (
            ("Art. 17(3)(a) GDPR", ["eu-gdpr:JustificationA17FreedomOfExpression"]),
            ("Art. 17(3)(c) GDPR", ["eu-gdpr:JustificationA17PublicHealth"]),
            ("Art. 17(3)(d) GDPR", ["eu-gdpr:JustificationA17Archiving"]),
            ("Art. 11(2) GDPR", ["eu-gdpr:JustificationA12InformationRequired"]),
            ("Rights of others; Art. 18(1) GDPR by analogy", ["justifications:ThirdPartyRightsImpaired"]),
            ("Art. 6(1)(b) GDPR (no ground of …)", ["justifications:ContractPerformanceNecessity"]),
            (
                "Art. 6(1)(b) and 17(3)(e) GDPR; Art. 17(3)(b) GDPR, § 147 AO",
                [
                    "eu-gdpr:JustificationA17LegallyRequired",
                    "eu-gdpr:JustificationA17LegalClaims",
                    "justifications:ContractPerformanceNecessity",
                ],
            ),
            ("", ["justifications:NonFulfilmentJustification"]),
        ):
            made = case("erasure", records=(record(1, "retained", legal_basis=basis),))
            assert why(activities(made)[-1]) == terms

    def test_records_are_counted_as_they_were_told(self):
        # Same records are one activity with their number.
        made = case("erasure", records=tuple(record(number, "erased", verified="absent") for number in range(500)))
        assert len(activities(made)) == 2
        assert activities(made)[-1]["dpv:hasPersonalData"][0]["rf:records"] == 500
        # Sums of old entries count where no record is named.
        old = system("helpdesk", {}, outcomes={"erased": 3, "retained": 1})
        made = case("erasure", CaseState.ANSWERED, systems=(old,))
        sound(made)
        assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestFulfilled", "RequestUnfulfilled"]
        assert [one["rf:records"] for one in activities(made) if "rf:records" in one] == [3, 1]

        assert {one["created"] for one in activities(made) if "rf:records" in one} == {at(20).isoformat()}
        looked_at = case("erasure", systems=(system("helpdesk", {}, verified={"absent": 3}, outcomes={"erased": 3}),))
        assert {one["created"] for one in activities(looked_at) if "rf:records" in one} == {at(16).isoformat()}
        assert len(activities(case("erasure", records=(record(1, ""),)))) == 1
        # What is only late is not fulfilled either.
        late = record(1, "retained", legal_basis="No exception; the erasure is due (Art. 17(1) GDPR)")
        made = case("erasure", CaseState.ANSWERED, records=(late,))
        assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestUnfulfilled"]
        assert answer(made) == ("RequestUnfulfilled", "justifications:DelayJustification")

    def test_processors_and_recipients_are_told_and_confirm(self):
        # What a processor was told in one go is one activity.
        told = tuple(act(days, "OutcomeRecorded", "calls: recording") for days in (15, 17))
        (activity,) = [one for one in activities(case("erasure", processors=told)) if "dct:description" in one]
        assert (activity["created"], activity["rf:records"]) == (at(15).isoformat(), 2)
        # Recipients are told and confirm.
        (notice,) = nodes(erasure_case(), "eu-gdpr:RightsRecipientsNotice")
        assert notice["dct:source"] == "Art. 19 GDPR"
        told, confirmed = [one for one in activities(erasure_case()) if "calls" in one.get("dct:description", "")]
        assert ids(told["dpv:hasRecipient"]) == ids(confirmed["dpv:isImplementedByEntity"])
        assert ids(confirmed["prov:wasAssociatedWith"]) == ["DSR-2026-7K3M9Q/processor"]
        assert not nodes(access_case(), "dpv:DataProcessor")
        # Art 19 is about erasure.
        made = case("access", processors=(act(3, "ProcessorAsked", "system calls"),))
        assert nodes(made, "dpv:DataProcessor")
        assert not nodes(made, "eu-gdpr:RightsRecipientsNotice")
        made = case("erasure", CaseState.ANSWERED, records=(record(1, "erased", verified="absent"),))
        assert ids(whole(made)["dpv:hasRequestStatus"]) == ["RequestFulfilled"]


def _kept(activity):
    return "dpv:hasStorageCondition" in activity


class TestOtherLaws:
    def test_another_law_has_its_terms_or_is_named(self):
        # The united kingdom has its law and the general terms.
        made = case("access", CaseState.ANSWERED, regime="uk-gdpr", letters=(letter("L9", 20),))
        graph = sound(made)
        assert whole(made)["dpv:hasApplicableLaw"] == {"@id": "legal-gb:law-GDPR"}
        (right,) = {one["@id"]: one for one in nodes(made, "dpv:DataSubjectRight")}.values()
        assert (right["dct:source"], right["skos:closeMatch"]) == ("Art. 15 UK GDPR", {"@id": "eu-gdpr:A15"})
        european = {short for one in graph.objects() if (short := vocabulary.short(one)).startswith("eu-gdpr:")}
        assert european == {"eu-gdpr:A15"}
        # The general term is the broader one of the European.
        terms = {one for one in terms_in(vars(dpv_terms)) if one.european}
        assert len(terms) == 11
        for term in terms:
            assert vocabulary.reaches(term.european, term.general)
            assert vocabulary.kind(term.european) == vocabulary.kind(term.general) == "class"
        # A law without a term is named.
        made = case(regime="ccpa")
        sound(made)
        assert whole(made)["dpv:hasApplicableLaw"]["dct:title"] == "ccpa"
        assert "dpv:hasApplicableLaw" not in whole(case(regime=""))
