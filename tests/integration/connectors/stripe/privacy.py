"""The redaction jobs of the double: create → validate → run, redacting 90 days after the payment only."""

from __future__ import annotations

from typing import Any

from tests.integration.connectors.stripe.double import ApiError, Request, StripeDouble, Thing

PATH = "/v1/privacy/redaction_jobs"
_LISTS = {
    "charges": "/v1/charges",
    "checkout_sessions": "/v1/checkout/sessions",
    "customers": "/v1/customers",
    "invoices": "/v1/invoices",
    "payment_intents": "/v1/payment_intents",
    "setup_intents": "/v1/setup_intents",
}
_KEPT = {"id", "object", "status", "customer", "currency", "charge", "payment_intent"}


class Privacy:
    """Add it to a double with ``double.further.append(Privacy(double))``.

    A job stays ``validating`` and ``redacting`` for one look each, as it does for a while at Stripe.
    """

    def __init__(self, double: StripeDouble, now: float) -> None:
        self.double = double
        self.now = now
        self.jobs: dict[str, Thing] = {}
        self.errors: dict[str, str] = {}
        self.stuck = False

    def __call__(self, request: Request) -> Thing | None:
        if not request.path.startswith(PATH):
            return None
        if not request.headers.get("Stripe-Version", "").endswith(".preview"):
            raise ApiError(404, message="Unrecognized request URL")
        rest = request.path.removeprefix(PATH).strip("/").split("/")
        if rest == [""]:
            return self._create(request.params) if request.method == "POST" else self._list(request.params)
        if rest[0] not in self.jobs:
            raise ApiError(404, code="resource_missing")
        job = self.jobs[rest[0]]
        return self._step(job) if len(rest) == 1 else getattr(self, f"_{rest[1]}")(job)

    def _list(self, params: Thing) -> Thing:
        data = [job for job in self.jobs.values() if job["status"] == params.get("status", job["status"])]
        return {"object": "list", "url": PATH, "has_more": False, "data": data}

    def _create(self, params: Thing) -> Thing:
        assert params["validation_behavior"] == "error"
        objects = {word: sorted(ids.values()) for word, ids in params["objects"].items()}
        key = f"prj_{len(self.jobs) + 1}"
        self.jobs[key] = {"id": key, "object": "privacy.redaction_job", "status": "validating", "objects": objects}
        return self.jobs[key]

    def _step(self, job: Thing) -> Thing:
        shown = dict(job)
        if job["status"] == "validating" and not self.stuck:
            job["status"] = "failed" if self._found(job) else "ready"
        elif job["status"] == "redacting":
            job["status"] = "succeeded"
            for word, one in _each(job):
                self._redact(word, one)
        return shown

    def _found(self, job: Thing) -> dict[str, str]:
        young = {
            one: "invalid_state"
            for word, one in _each(job)
            if self.double.things[_LISTS[word]][one]["created"] > self.now - 90 * 86400
        }
        named = {one for _, one in _each(job)}
        return {**young, **{one: code for one, code in self.errors.items() if one in named}}

    def _validation_errors(self, job: Thing) -> Thing:
        data = [
            {"id": f"prjve_{one}", "code": code, "erroring_object": {"id": one, "object_type": "charge"}}
            for one, code in self._found(job).items()
        ]
        return {"object": "list", "url": f"{PATH}/{job['id']}/validation_errors", "has_more": False, "data": data}

    def _run(self, job: Thing) -> Thing:
        if job["status"] != "ready":
            raise ApiError(400, code="invalid_state")
        job["status"] = "redacting"
        return job

    def _cancel(self, job: Thing) -> Thing:
        if job["status"] not in {"ready", "failed"}:
            raise ApiError(400, code="invalid_state")
        job["status"] = "canceled"
        return job

    def _redact(self, word: str, one: str) -> None:
        thing = self.double.things[_LISTS[word]][one]
        thing.update({name: value if name in _KEPT else _blanked(value) for name, value in thing.items()})
        thing["redaction"] = {"status": "redacted"}
        if word == "payment_intents":
            for charge in self.double.things["/v1/charges"].values():
                if charge.get("payment_intent") == one:
                    self._redact("charges", charge["id"])


def _each(job: Thing) -> list[tuple[str, str]]:
    return [(word, one) for word, ids in job["objects"].items() for one in ids]


def _blanked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _blanked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_blanked(one) for one in value]
    return "[redacted]" if isinstance(value, str) else value
