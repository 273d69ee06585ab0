"""The systems of a case, for tests, proofs and benchmarks that work without a flow."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.facts.systems import concerned_systems, in_order


def systems_to_search(app: App, case_id: str) -> list[str]:
    """Return the systems that a case concerns, in the order of the configuration."""
    with app.store.case_file(case_id) as file:
        return concerned_systems(file, app)


def systems_with_records(app: App, case_id: str) -> list[str]:
    """Return the systems in which records were located, in the order of the configuration."""
    with app.store.case_file(case_id) as file:
        return in_order(app, file.findings.systems())
