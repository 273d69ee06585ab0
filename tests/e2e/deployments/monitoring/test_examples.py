"""The example dashboard and rules: whatever they name is served, with these labels and values."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import deployments.monitoring as package
from deployments.monitoring.figures import ProcessFigures
from rightsflow.domain.telemetry import StepEnd
from tests.e2e.deployments.monitoring.source import Source

FOLDER = Path(package.__file__).parent
OF_PROMETHEUS = {"up": {"job", "instance"}}
EVERYWHERE = {"job", "instance"}

_NAME = re.compile(r"\b((?:rightsflow|process)_[a-z_]+|up\b)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)(=~|=)"([^"]*)"')
_GROUPED = re.compile(r"\b(by|without) \(([^)]*)\)")


def served():
    """Every sample that workers and the store serve: the labels by its name, and the values by label."""
    process = ProcessFigures()
    for end in StepEnd:
        process.step("locate", "helpdesk", end, 0.1)
    for status in ("2xx", "5xx", "429", "none", "error", "ok"):
        process.call("helpdesk", "locate", status, 0.1)
    process.swept(1.0)
    found = {}
    for registry in (process.registry, Source().registry()):
        for family in registry.collect():
            for sample in family.samples:
                labels = found.setdefault(sample.name, {})
                for name, value in sample.labels.items():
                    labels.setdefault(name, set()).add(value)
    return found


SERVED = served()


def expressions():
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield f"panel {panel['title']}", target["expr"], target["legendFormat"]
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield f"rule {rule['alert']}", rule["expr"], " ".join(rule["annotations"].values())


EXPRESSIONS = list(expressions())


def complaints(expression, texts=""):
    """What an expression names that is not served."""
    known = set(EVERYWHERE)
    for name, matchers in _NAME.findall(expression):
        labels = OF_PROMETHEUS.get(name)
        if labels is None and name not in SERVED:
            yield f"there is no {name}"
            continue
        known |= set(labels or SERVED[name])
        for label, sign, value in _MATCHER.findall(matchers):
            if label in EVERYWHERE:
                continue
            values = SERVED.get(name, {}).get(label, set())
            wanted = value.split("|") if sign == "=~" else [value]
            yield from (f"{name} has no {label}={one}" for one in wanted if one not in values)
    grouped = {one.strip() for _, some in _GROUPED.findall(expression) for one in some.split(",")}
    used = set(re.findall(r"\{\{ ?(?:\$labels\.)?(\w+) ?\}\}", texts)) - {"value"}
    yield from (f"there is no label {one}" for one in (grouped | used) - known)


def test_there_is_something_to_hold_them_to():
    assert len(EXPRESSIONS) > 25
    assert {"rightsflow_step_duration_seconds_bucket", "rightsflow_open_cases", "up"} <= {
        name for _, expression, _ in EXPRESSIONS for name, _ in _NAME.findall(expression)
    }


@pytest.mark.parametrize(("where", "expression", "texts"), EXPRESSIONS, ids=[where for where, *_ in EXPRESSIONS])
def test_what_is_named_is_served(where, expression, texts):
    assert list(complaints(expression, texts)) == [], where


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("max(rightsflow_cases_open)", ""),
        ('rightsflow_open_cases{light="blue"}', ""),
        ('rightsflow_open_cases{colour="red"}', ""),
        ("sum by (colour) (rightsflow_open_cases)", ""),
        ("max(rightsflow_open_cases)", "{{ $labels.colour }}"),
        ('rightsflow_call_duration_seconds_count{status=~"5xx|6xx"}', ""),
    ],
)
def test_what_is_not_served_is_found(expression, texts):
    assert len(list(complaints(expression, texts))) == 1


def test_every_figure_of_ours_is_shown_or_watched():
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for _, text, _ in EXPRESSIONS for name, _ in _NAME.findall(text)}
    served_ones = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in SERVED if name.startswith("rights")}
    assert served_ones - shown == set()


def test_every_rule_says_the_mend():
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"warning", "critical"}
            assert {"summary", "mend"} == set(rule["annotations"])


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool (Debian's package prometheus) is not installed")
@pytest.mark.parametrize(("what", "file"), [("rules", "rules.yml"), ("config", "prometheus.yml")])
def test_prometheus_itself_takes_them(what, file):
    checked = subprocess.run(
        ["promtool", "check", what, str(FOLDER / file)], capture_output=True, timeout=30, check=False
    )
    assert checked.returncode == 0, checked.stderr
