"""``python -m tests.support.hostile_calls``: calls of connectors, and what each took of memory.

In a process of its own, since the most that a process ever held is known of it as a whole alone. Reads a connector, an
address and the seconds in which an answer has to end from each line, and writes one JSON object: the error's class and
sentence, and by how many megabytes the most that was ever held grew.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.bounds import AnswerBounds
from connectors.http import HttpClient, Patience
from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector
from connectors.s3.settings import S3Settings
from connectors.stripe import StripeConnector
from connectors.stripe.settings import StripeSettings
from connectors.zendesk import ZendeskConnector, ZendeskSettings
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, identifier

LARGEST_ANSWER_MB = 4
LARGEST_FILE_MB = 16
LONGEST_LIST = 500

_PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")
_KNOWN = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com", country="DE", issuer="")})
_COMMON: Mapping[str, Any] = {
    "purposes": ["x"],
    "categories": ["x"],
    "source": "x",
    "retention": "x",
    "largest_answer_mb": LARGEST_ANSWER_MB,
    "largest_file_mb": LARGEST_FILE_MB,
    "longest_list": LONGEST_LIST,
}


def zendesk(url: str, seconds: float) -> None:
    """Search a helpdesk."""
    given = {"connector": "zendesk", "base_url": url, "api_user": "a@example.com", "api_token": "env:TEST_TOKEN"}
    patience = Patience(sleep=lambda _: None)
    connector = ZendeskConnector("helpdesk", ZendeskSettings.model_validate(_common(seconds) | given), _PLACE, patience)
    _exhaust(connector.locate(_KNOWN))


def stripe(url: str, seconds: float) -> None:
    """Search a payment provider."""
    given = {"connector": "stripe", "api_base": url, "api_key": "env:TEST_KEY"}
    connector = StripeConnector("payments", StripeSettings.model_validate(_common(seconds) | given), _PLACE)
    _exhaust(connector.locate(_KNOWN))


def s3(url: str, seconds: float) -> None:
    """List a store of recordings."""
    _exhaust(_store(url, seconds).locate(_KNOWN))


def file(url: str, seconds: float) -> None:
    """Stream a file."""
    bounds = AnswerBounds(answer_mb=LARGEST_ANSWER_MB, file_mb=LARGEST_FILE_MB, seconds=seconds)
    http = HttpClient("helpdesk", url, patience=Patience(sleep=lambda _: None, bounds=bounds))
    _exhaust(http.stream("extract", f"{url}/file"))


def _common(seconds: float) -> dict[str, Any]:
    return {**_COMMON, "answers_within": seconds}


def _store(url: str, seconds: float) -> S3Connector:
    given = {
        "connector": "s3",
        "bucket": "recordings",
        "match": {"by": "metadata", "keys": {"caller": "email"}},
        "endpoint_url": url,
        "access_key_id": "env:TEST_KEY",
        "secret_access_key": "env:TEST_KEY",
    }
    return S3Connector("recordings", S3Settings.model_validate(_common(seconds) | given), _PLACE, attempts=1)


def _exhaust(things: Iterator[object]) -> None:
    for _ in things:
        pass


CALLS: Mapping[str, Callable[[str, float], None]] = {"zendesk": zendesk, "stripe": stripe, "s3": s3, "file": file}


def main() -> int:
    """Make the calls."""
    os.environ |= {"TEST_TOKEN": "a-token", "TEST_KEY": "rk_test_invented"}
    for line in sys.stdin:
        who, url, seconds = line.split()
        before = _most_held()
        told = {"error": "", "text": ""}
        try:
            CALLS[who](url, float(seconds))
        except RightsflowError as error:
            told = {"error": type(error).__name__, "text": str(error)}
        sys.stdout.write(json.dumps({**told, "grown_mb": _most_held() - before}) + "\n")
        sys.stdout.flush()
    return 0


def _most_held() -> float:
    """The most that this process ever held, in MB; unlike ``getrusage``, without what its parent held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


if __name__ == "__main__":
    sys.exit(main())
