"""Requests to a running Fides, from the call that opens them to their end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import requests

from benchmarks.cases.watching import Watch
from benchmarks.fides.configuring import STORAGE, datasets, policies
from benchmarks.fides.standing import Fides
from rightsflow.domain.vocabulary.rights import Right

MOST_AT_ONCE = 50
"""The number of requests in a call."""
_ENDED_WELL, _ENDED_BADLY = "complete", {"error", "denied", "canceled"}


class Desk:
    """A client that requests and approves at a Fides."""

    def __init__(self, fides: Fides, systems: tuple[str, int]) -> None:
        self._base, self._session = f"{fides.address}/api/v1", requests.Session()
        self._watch = Watch.of(fides.database, "SELECT status FROM privacyrequest WHERE id = :id", _has_ended)
        given = {"client_id": fides.client_id, "client_secret": fides.client_secret}
        token = requests.post(
            f"{self._base}/oauth/token", data=given | {"grant_type": "client_credentials"}, timeout=30
        ).json()["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._configure(systems)

    def _configure(self, systems: tuple[str, int]) -> None:
        self._call("PATCH", "/storage/config", [STORAGE])
        for right, rule, about in policies():
            key = right.value
            self._call("PATCH", "/dsr/policy", [{"name": key, "key": key}])
            self._call("PATCH", f"/dsr/policy/{key}/rule", [{"name": key, "key": f"{key}_rule"} | rule])
            target = [{"name": key, "key": f"{key}_target"} | about]
            self._call("PATCH", f"/dsr/policy/{key}/rule/{key}_rule/target", target)
        for dataset in datasets():
            name = dataset["fides_key"]
            place = {"host": systems[0], "port": systems[1], "dbname": name, "username": "postgres", "password": ""}
            made = {"name": name, "key": name, "connection_type": "postgres", "access": "write"}
            self._call("PATCH", "/connection", [made])
            self._call("PUT", f"/connection/{name}/secret?verify=true", place)
            self._call("POST", "/dataset/upsert", [dataset])
            self._call("PUT", f"/connection/{name}/datasetconfig", [{"fides_key": name, "ctl_dataset_fides_key": name}])

    def one_by_one(self, people: Sequence[str], right: Right) -> list[float]:
        took = []
        for email in people:
            began = time.monotonic()
            self._watch.wait(self._open([email], right))
            took.append(time.monotonic() - began)
            time.sleep(0.5)
        return took

    def together(self, people: Sequence[str], right: Right) -> float:
        began = time.monotonic()
        opened: list[str] = []
        for at in range(0, len(people), MOST_AT_ONCE):
            opened += self._open(people[at : at + MOST_AT_ONCE], right)
        self._watch.wait(opened)
        return time.monotonic() - began

    def _open(self, people: Sequence[str], right: Right) -> list[str]:
        asked = [{"identity": {"email": email}, "policy_key": right.value} for email in people]
        ids = [str(one["id"]) for one in self._call("POST", "/privacy-request", asked)["succeeded"]]
        self._call("PATCH", "/privacy-request/administrate/approve", {"request_ids": ids})
        return ids

    def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = self._session.request(method, self._base + path, json=body, timeout=60)
        answer.raise_for_status()
        said = answer.json()
        if isinstance(said, dict) and said.get("failed"):
            raise RuntimeError(f"Fides did not take {path}: {said['failed']}")
        return said


def _has_ended(status: str) -> bool:
    if status in _ENDED_BADLY:
        raise RuntimeError(f"a request of Fides ended as {status}")
    return status == _ENDED_WELL
