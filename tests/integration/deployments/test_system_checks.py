"""What ``doctor`` says of systems: a setting that reads nothing is wrong, one that cannot be checked is doubtful."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.cases.facts.systems import system_checks
from rightsflow.domain.connector import Sample
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.records import DocumentClass
from tests.support.bench import SECTION, running_bench


@pytest.fixture
def bench(tmp_path):
    with running_bench(tmp_path) as made:
        yield made


def check(bench, *samples, section=SECTION):
    bench.systems["calls"].sampled = samples
    systems = dict(bench.runtime.systems) | {"calls": section}
    return system_checks(replace(bench.runtime, systems=systems))["calls"]


def test_what_was_read_is_shown_and_a_setting_that_reads_nothing_is_wrong(bench):
    health = check(bench, Sample(what="objects with the metadata key caller", looked_at=1000, readable=990))
    assert (health.ok, health.is_doubtful) == (True, False)
    assert "Of 1,000 objects with the metadata key caller, 990 carry a readable identifier." in health.detail

    # ``doctor`` was content with a metadata key that no object carries.
    health = check(bench, Sample(what="objects with the metadata key calller", looked_at=50, readable=0))
    assert not health.ok
    assert health.detail == (
        "Of 50 objects with the metadata key calller, 0 carry a readable identifier; "
        "correct what [systems.calls] in rightsflow.toml says of them."
    )


def test_what_cannot_be_checked_is_doubtful_until_a_person_has_checked_it(bench):
    nothing = Sample(what="objects under the prefix", looked_at=0, readable=0)
    health = check(bench, nothing)
    assert (health.ok, health.is_doubtful) == (True, True)
    assert "may_be_empty = true" in health.detail
    checked = check(bench, nothing, section=SECTION.model_copy(update={"may_be_empty": True}))
    assert (checked.ok, checked.is_doubtful) == (True, False)


def test_a_system_that_does_not_let_us_look_or_does_not_answer_is_not_in_order(bench):
    with bench.systems["calls"].outage():
        assert not check(bench).ok
    assert bench.systems["calls"].calls["samples"] == 0

    bench.systems["calls"].fail("samples", Transient("The system did not answer; try again.", system="calls"))
    assert not check(bench).ok


def test_kinds_whose_document_class_is_not_stated_are_named_with_what_to_add(bench):
    fake = bench.systems["calls"]
    fake.kinds = tuple(replace(kind, document=None) for kind in fake.kinds)
    names = [kind.name for kind in fake.kinds]
    health = check(bench)
    assert (health.ok, health.is_doubtful) == (True, True)
    assert health.detail.endswith(
        f"No document class is stated for {', '.join(names)}, so each erasure asks for it at its gate; add "
        f'document_classes = {{ {names[0]} = "none" }}, or the class that they are.'
    )
    stated = SECTION.model_copy(update={"document_classes": dict.fromkeys(names, DocumentClass.NONE)})
    assert not check(bench, section=stated).is_doubtful
