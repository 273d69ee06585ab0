"""The numbers of the certificate and of the export in the terms of the Data Privacy Vocabulary."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from proofs.answers.evidence.rows import outcomes, sent
from proofs.answers.facts import Facts


def check_certificate(text: str, facts: Facts) -> Iterator[str]:
    """The numbers of the certificate."""
    said: dict[str, Any] = json.loads(text)
    for name in ("case_id", "right", "state", "regime"):
        if said[name] != facts.case[name]:
            yield f"certificate: another {name} than in the case file"
    for name in ("closed_at",):
        if (said[name] or "")[:16] != (facts.case[name] or "")[:16]:
            yield f"certificate: another {name} than in the case file"
    if said["disclosed"] != dict(Counter(one["category"] for one in facts.records if one["fate"] == "given")):
        yield "certificate: another number of disclosed records than in the case file"
    for one in said["systems"]:
        if Counter(one["outcomes"]) != outcomes(facts, one["system"]):
            yield f"certificate: other outcomes of {one['system']} than in the case file"
        if one["unclear"] != len(facts.of(system=one["system"], attribution="unclear")):
            yield f"certificate: another number of unclear records of {one['system']}"
        if set(one["searched_by"]) - set(facts.case["systems"][one["system"]]["searches"]):
            yield f"certificate: says that {one['system']} was searched by what it cannot be searched by"
    if {name: number for name, number in said["masked"].items() if number} != dict(+facts.masked):
        yield "certificate: another number of masked details"


def check_export(text: str, facts: Facts) -> Iterator[str]:
    """The numbers and the end of the export in the terms of the Data Privacy Vocabulary."""
    nodes = json.loads(text)["@graph"]
    activities = [one for one in nodes if one["@type"] == "dpv:RightExerciseActivity"]
    status = {one.get("dpv:hasStatus", {}).get("@id", "") for one in activities}
    dealt: Counter[str] = Counter()
    fulfilled = 0
    for one in activities:
        if one.get("dpv:hasStatus") and one.get("dpv:hasPersonalData") and one.get("dpv:isImplementedUsingTechnology"):
            for data in one["dpv:hasPersonalData"]:
                dealt[data["dct:title"]] += data["rf:records"]
                fulfilled += data["rf:records"] * one["dpv:hasStatus"]["@id"].endswith("RequestFulfilled")
    concerned = [one for one in facts.records if one["outcome"] is not None and one["fate"] != "not concerned"]
    if dealt != Counter(one["category"] for one in concerned):
        yield "dpv: another number of records than in the case file"
    done = {"erased", "redacted", "not held", "rectified", *({"restricted"} if facts.right == "restriction" else ())}
    if fulfilled != facts.count(lambda one: one["fate"] in done):
        yield "dpv: fulfilled of another number of records than it was carried out on"
    is_done = any(one.endswith("RequestFulfilled") for one in status)
    if is_done and not any(one["fate"] in done for one in facts.records) and not sent(facts):
        yield "dpv: fulfilled, and no answer is noted as sent"
    rulings = {one["ruling"]["kind"] for one in facts.case["items"] if one["ruling"]}
    whole = [one["dpv:hasRequestStatus"] for one in nodes if "dpv:hasRequestStatus" in one]
    if facts.case["state"] == "answered" and rulings:
        said = json.dumps(whole)
        if (rulings != {"accept"}) and "Unfulfilled" not in said:
            yield "dpv: an item is not corrected as the person asked, and nothing is unfulfilled"
        if rulings == {"refuse"} and "RequestFulfilled" in said:
            yield "dpv: every item is refused, and something is fulfilled"
    kept = any(
        one["fate"] in {"retained", "residue", "unclear", "restricted", "pseudonymised", "failed"}
        for one in facts.records
    )
    if (
        facts.right == "erasure"
        and kept
        and facts.case["state"] == "answered"
        and not any(word in one for one in status for word in ("Unfulfilled", "Delayed"))
    ):
        yield "dpv: something is kept, and nothing is unfulfilled"
