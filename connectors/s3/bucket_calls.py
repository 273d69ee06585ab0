"""Each call to the store is timed, where boto3 begins and ends it, repeats included."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, TypedDict

from rightsflow.domain.telemetry import NO_ANSWER, recorder, status_class

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from mypy_boto3_s3.client import S3Client


class _Context(TypedDict, total=False):
    """The data that botocore passes from the beginning of a call to its end; it accepts further keys."""

    rightsflow_began: float


def count_calls(client: S3Client, system: str) -> None:
    """Let every call of a client be counted, by the name that S3 has for it.

    Args:
        client: The client.
        system: The system's name in the configuration.
    """

    def begin(context: _Context, **_: object) -> None:
        context["rightsflow_began"] = perf_counter()

    def end(event_name: str, context: _Context, http_response: AWSResponse | None = None, **_: object) -> None:
        status = NO_ANSWER if http_response is None else status_class(http_response.status_code)
        # The event is named like after-call.s3.HeadObject.
        recorder().call(system, event_name.rpartition(".")[2], status, perf_counter() - context["rightsflow_began"])

    for name, handler in (("before-call.s3", begin), ("after-call.s3", end), ("after-call-error.s3", end)):
        client.meta.events.register(name, handler)
