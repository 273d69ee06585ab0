"""A double of HubSpot, written from its OpenAPI documents: CRM objects, associations, search and permanent deletion."""

from __future__ import annotations

from typing import Any

from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.worlds import World
from tests.support.rest_double import Answer, Asked

KEY = "pat-invented"
ANNA, BEN, EVE, IDA = "101", "102", "103", "104"
OWN, SHARED, BENS, LATER = "501", "502", "503", "504"
SECOND_EMAIL = "a.berg@example.org"
_PAGE = 2


class HubSpot(World):
    """An account."""

    def __init__(self) -> None:
        super().__init__(
            f"Bearer {KEY}", {name: {} for name in ("contacts", "tickets", "emails", "calls", "notes")}, self._is_hers
        )
        self.bin: dict[str, dict[str, Any]] = {}
        self.blocked: list[str] = []
        self.contact(
            ANNA,
            worlds.NAME,
            worlds.EMAIL,
            phone="030 901820",
            customer_number=worlds.CUSTOMER_ID,
            hs_additional_emails=f"{SECOND_EMAIL};anna@example.net",
        )
        self.contact(BEN, "Ben Stone", worlds.BEN_EMAIL, phone=worlds.BEN_PHONE, customer_number=worlds.BEN_ID)
        self.contact(EVE, "Eve Marsh", worlds.EVE_EMAIL, mobilephone=worlds.PHONE, customer_number=worlds.EVE_ID)
        self.put(
            "tickets",
            OWN,
            (ANNA,),
            subject="A humming kettle",
            content=worlds.KETTLE,
            closed_date="2026-04-01T10:00:00Z",
        )
        self.put(
            "tickets",
            SHARED,
            (ANNA, BEN),
            subject="A stuck lid",
            content="Our lid is stuck.",
            closed_date="2026-04-01T10:00:00Z",
        )
        self.put("tickets", BENS, (BEN,), subject="A cold stove", content="My stove stays cold.")
        self.put("tickets", LATER, (ANNA,), subject="An invoice", content="Where is the invoice?")
        self.put("emails", "601", (ANNA,), hs_email_subject="The parcel", hs_email_text="Thank you for the parcel.")
        self.put("emails", "602", (EVE,), hs_email_subject="A toaster", hs_email_text="My toaster smokes.")
        self.put("calls", "701", (ANNA,), hs_call_title="A call", hs_call_body="She asks for the kettle.")
        self.put("notes", "801", (ANNA,), hs_note_body="Rings early in the morning.")
        self.routes(
            (
                ("GET", "/account-info/v3/details", lambda _: Answer(body={"portalId": 7, "accountType": "STANDARD"})),
                ("GET", "/crm/v3/objects/contacts", self._list),
                ("POST", "/crm/v3/objects/contacts/search", self._search),
                ("POST", "/crm/v3/objects/contacts/gdpr-delete", self._forget),
                ("GET", r"/crm/v4/objects/contacts/(\d+)/associations/(\w+)", self._associated),
                ("GET", r"/crm/v3/objects/(\w+)/(\d+)", self._show),
                ("PATCH", r"/crm/v3/objects/(\w+)/(\d+)", self._change),
                ("DELETE", r"/crm/v3/objects/(\w+)/(\d+)", self._throw_away),
            )
        )

    @staticmethod
    def _is_hers(name: str, row: dict[str, Any]) -> bool:
        return (row["id"] if name == "contacts" else row["of"][0]) == ANNA

    def contact(self, own: str, name: str, email: str, **more: str) -> None:
        first, last = name.split()
        named = {"firstname": first, "lastname": last, "email": email, **more}
        self.rows["contacts"][own] = {
            "id": own,
            "properties": named,
            "createdAt": "2026-01-02T23:30:00Z",
            "archived": False,
        }

    def put(self, name: str, own: str, of: tuple[str, ...], **properties: str) -> None:
        self.rows[name][own] = {"id": own, "of": of, "properties": properties, "createdAt": "2026-03-01T10:00:00Z"}

    # -- the API ---------------------------------------------------------------------------------------------------

    def _page(self, rows: list[dict[str, Any]], after: str | None, **more: Any) -> Answer:
        start = int(after or 0)
        paging = {"paging": {"next": {"after": str(start + _PAGE), "link": "x"}}} if start + _PAGE < len(rows) else {}
        return Answer(body={"results": rows[start : start + _PAGE], **paging, **more})

    def _asked_for(self, row: dict[str, Any], properties: list[str], *, with_contacts: bool = False) -> dict[str, Any]:
        """A row with the properties that were asked for and no others."""
        shown = {key: row["properties"].get(key) for key in properties}
        linked = (
            {"associations": {"contacts": {"results": [{"id": of, "type": "x"} for of in row["of"]]}}}
            if with_contacts
            else {}
        )
        return {"id": row["id"], "createdAt": row["createdAt"], "archived": False, "properties": shown, **linked}

    def _list(self, asked: Asked) -> Answer:
        rows = [self._asked_for(row, asked.query["properties"].split(",")) for row in self.rows["contacts"].values()]
        return self._page(rows, asked.query.get("after"))

    def _search(self, asked: Asked) -> Answer:
        assert isinstance(asked.body["limit"], int)

        def fits(row: dict[str, Any]) -> bool:
            return any(all(self._holds(row, item) for item in group["filters"]) for group in asked.body["filterGroups"])

        rows = [self._asked_for(row, asked.body["properties"]) for row in self.chosen("contacts", fits)]
        return self._page(rows, asked.body.get("after"), total=len(rows))

    @staticmethod
    def _holds(row: dict[str, Any], item: dict[str, str]) -> bool:
        held = row["properties"].get(item["propertyName"]) or ""
        if item["operator"] == "CONTAINS_TOKEN":
            return item["value"] in held.split(";")
        return held == item["value"] or ("@" in held and held.casefold() == item["value"].casefold())

    def _associated(self, asked: Asked) -> Answer:
        contact, name = asked.parts
        if contact not in self.rows["contacts"]:
            return Answer(404, {"category": "OBJECT_NOT_FOUND"})
        rows = [
            {"toObjectId": int(row["id"]), "associationTypes": []}
            for row in self.rows[name].values()
            if contact in row["of"]
        ]
        return self._page(rows, asked.query.get("after"))

    def _show(self, asked: Asked) -> Answer:
        name, own = asked.parts
        row = self.rows[name].get(own)
        if row is None:
            return Answer(404, {"status": "error", "category": "OBJECT_NOT_FOUND"})
        with_contacts = asked.query.get("associations") == "contacts"
        return Answer(body=self._asked_for(row, asked.query["properties"].split(","), with_contacts=with_contacts))

    def _change(self, asked: Asked) -> Answer:
        name, own = asked.parts
        if own not in self.rows[name]:
            return Answer(404, {"status": "error", "category": "OBJECT_NOT_FOUND"})
        self.rows[name][own]["properties"] |= asked.body["properties"]
        return Answer(body={"id": own})

    def _throw_away(self, asked: Asked) -> Answer:
        name, own = asked.parts
        if row := self.rows[name].pop(own, None):
            self.bin[f"{name} {own}"] = row
        return Answer(204)

    def _forget(self, asked: Asked) -> Answer:
        if asked.body.get("idProperty") == "email":
            self.blocked.append(asked.body["objectId"])
        if self.rows["contacts"].pop(asked.body["objectId"], None):
            for name in ("emails", "notes", "calls"):
                self.rows[name] = {
                    k: row for k, row in self.rows[name].items() if asked.body["objectId"] not in row["of"]
                }
        return Answer(204)

    def held(self) -> str:
        """Everything that it holds, the recycle bin included."""
        return super().held() + str(self.bin)
