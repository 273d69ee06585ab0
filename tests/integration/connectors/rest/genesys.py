"""A double of Genesys Cloud, written from its SDK's documents: external contacts, notes, deletion requests of days."""

from __future__ import annotations

import base64
from typing import Any

from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.worlds import World
from tests.support.rest_double import Answer, Asked

USER, KEY = "client-1", "invented-secret"
ANNA, BEN, EVE = "c-anna", "c-ben", "c-eve"
_PAGE = 2


class Genesys(World):
    """An organisation.

    Args:
        looks: How often a request is looked at before it has ended.
    """

    def __init__(self, looks: int = 0) -> None:
        super().__init__(
            "Bearer token-1", {"contacts": {}, "notes": {}}, lambda _, row: row.get("of", row["id"]) == ANNA
        )
        self.looks, self.requests = looks, dict[str, dict[str, Any]]()
        self.contact(ANNA, worlds.NAME, worlds.EMAIL, worlds.PHONE, worlds.CUSTOMER_ID)
        self.contact(BEN, "Ben Stone", worlds.BEN_EMAIL, worlds.BEN_PHONE, worlds.BEN_ID)
        self.contact(EVE, "Eve Marsh", worlds.EVE_EMAIL, worlds.PHONE, worlds.EVE_ID)
        for number, (of, text) in enumerate(
            ((ANNA, worlds.KETTLE), (ANNA, "Prefers mornings."), (ANNA, "Has a parcel."), (BEN, "Stove."))
        ):
            own = f"n{number}"
            self.rows["notes"][own] = {"id": own, "of": of, "noteText": text, "createDate": "2026-03-01T10:00:00Z"}
        self.double.open_paths = ("/oauth/token",)
        self.routes(
            (
                ("POST", "/oauth/token", self._sign_in),
                ("GET", "/api/v2/externalcontacts/contacts", self._search),
                ("GET", r"/api/v2/externalcontacts/contacts/([\w-]+)", self._show),
                ("GET", r"/api/v2/externalcontacts/contacts/([\w-]+)/notes", self._notes),
                ("GET", r"/api/v2/externalcontacts/contacts/([\w-]+)/notes/(\w+)", self._note),
                ("DELETE", r"/api/v2/externalcontacts/contacts/([\w-]+)/notes/(\w+)", self._delete_note),
                ("GET", "/api/v2/gdpr/requests", lambda asked: self._page(list(self.requests.values()), asked)),
                ("POST", "/api/v2/gdpr/requests", self._begin),
                ("GET", r"/api/v2/gdpr/requests/(\w+)", self._look),
            )
        )

    def contact(self, own: str, name: str, email: str, phone: str, number: str) -> None:
        first, last = name.split()
        self.rows["contacts"][own] = {
            "id": own,
            "firstName": first,
            "lastName": last,
            "personalEmail": email,
            "cellPhone": {"e164": phone, "display": phone},
            "externalIds": [{"value": number, "externalSource": {"id": "crm"}}],
            "createDate": "2026-01-02T23:30:00.000Z",
        }

    # -- the API ---------------------------------------------------------------------------------------------------

    def _sign_in(self, asked: Asked) -> Answer:
        given = asked.headers["Authorization"]
        wanted = "Basic " + base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        if given != wanted or asked.body != {"grant_type": "client_credentials"}:
            return Answer(400, {"error": "invalid_client"})
        return Answer(body={"access_token": "token-1", "token_type": "bearer", "expires_in": 86400})

    def _page(self, rows: list[dict[str, Any]], asked: Asked) -> Answer:
        number = int(asked.query.get("pageNumber", 1))
        start = (number - 1) * _PAGE
        return Answer(body={"entities": rows[start : start + _PAGE], "pageNumber": number, "total": len(rows)})

    def _search(self, asked: Asked) -> Answer:
        words = asked.query.get("q", "")
        # Keywords: whatever holds them somewhere.
        return self._page(self.chosen("contacts", lambda row: words.casefold() in str(row).casefold()), asked)

    def _show(self, asked: Asked) -> Answer:
        row = self.rows["contacts"].get(asked.parts[0])
        return Answer(body=row) if row else _missing()

    def _notes(self, asked: Asked) -> Answer:
        if asked.parts[0] not in self.rows["contacts"]:
            return _missing()
        return self._page([row for row in self.rows["notes"].values() if row["of"] == asked.parts[0]], asked)

    def _note(self, asked: Asked) -> Answer:
        row = self.rows["notes"].get(asked.parts[1])
        return Answer(body=row) if row and row["of"] == asked.parts[0] else _missing()

    def _delete_note(self, asked: Asked) -> Answer:
        return Answer(body={}) if self.rows["notes"].pop(asked.parts[1], None) else _missing()

    def _begin(self, asked: Asked) -> Answer:
        if asked.query.get("deleteConfirmed") != "true":
            return Answer(400, {"code": "delete.not.confirmed"})
        own = f"r{len(self.requests)}"
        self.requests[own] = {"id": own, "status": "INITIATED", **asked.body}
        return Answer(202, dict(self.requests[own]))

    def _look(self, asked: Asked) -> Answer:
        request = self.requests.get(asked.parts[0])
        if request is None:
            return _missing()
        if self.looks:
            self.looks -= 1
            request["status"] = "DELETING"
        elif request["status"] != "ERROR":
            request["status"] = "COMPLETED"
            self.rows["contacts"].pop(request["subject"]["externalContactId"], None)
        return Answer(body=dict(request))


def _missing() -> Answer:
    return Answer(404, {"status": 404, "code": "not.found", "message": "The requested resource was not found."})
