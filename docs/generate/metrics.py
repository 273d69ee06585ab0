"""The page of the metrics, from the collectors themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from deployments.monitoring.figures import ProcessFigures
from deployments.monitoring.store_figures import families
from docs.generate.markdown import code, entries
from rightsflow.domain.telemetry import StepEnd
from rightsflow.store.queries.figures import StoreFigures

_INTRODUCTION: Final = """# Metrics

```console
$ RIGHTSFLOW_METRICS_PORT=9464 rightsflow up
$ curl http://127.0.0.1:9464/metrics
```

Metrics are in [Prometheus](https://prometheus.io) format; see [monitoring](../how-to/operators/monitoring.md). No label contains a case
id or an address. After 60 values of a label, further ones are called `other`.

"""
_STORE: Final = (
    ("rightsflow_case_store_up", "Whether the case store answers."),
    ("rightsflow_case_store_read_seconds", "How long reading these metrics took."),
)
"""What is served also where the store does not answer."""


def page() -> str:
    """Return the page."""
    store = [(code(name), "gauge", "", text) for name, text in _STORE] + list(_rows(families(_figures())))
    worker = list(_rows(one for one in _worker().collect() if not one.name.startswith("process_")))
    worker.append(
        (
            code("process_…"),
            "",
            "",
            "Memory, CPU time, start and open files of the process, as every client of Prometheus has them.",
        )
    )
    return (
        f"{_INTRODUCTION}## Of the case store\n\nServed by `rightsflow up` and by `rightsflow service metrics --port PORT`.\n\n"
        f"{entries(store)}\n## Of a worker\n\nServed by each worker of the type `rightsflow`.\n\n{entries(worker)}"
    )


def _rows(metrics: Iterable[Metric]) -> Iterator[tuple[str, str, str, str]]:
    for one in metrics:
        names = dict.fromkeys(name for sample in one.samples for name in sample.labels if name != "le")
        name = f"{one.name}_info" if one.type == "info" else one.name
        yield code(name), one.type, ", ".join(code(name) for name in names), one.documentation


def _figures() -> StoreFigures:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return StoreFigures(open_cases={}, overdue={}, alerts={}, watch_behind=timedelta(0), sealed_at=moment)


def _worker() -> CollectorRegistry:
    """Metrics of a worker in which everything has happened once, since a label without a value has no line."""
    figures = ProcessFigures()
    figures.step("locate", "helpdesk", StepEnd.DONE, 0)
    figures.call("helpdesk", "locate", "2xx", 0)
    figures.swept(0)
    return figures.registry
