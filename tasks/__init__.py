"""The retryable steps: each a Prefect task around the domain and a connector."""

from prefect.exceptions import ExternalSignal, PrefectSignal

from rightsflow.cases.step.faults import stops_steps

stops_steps(PrefectSignal, ExternalSignal)
