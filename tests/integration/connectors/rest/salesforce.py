"""A double of Salesforce, written from its REST guide: SOQL with its quotes, relationships, a recycle bin."""

from __future__ import annotations

import re
from typing import Any

from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.worlds import World
from tests.support.rest_double import Answer, Asked

USER, KEY = "client-1", "invented-secret"
ANNA, BEN, EVE, IDA = "003A", "003B", "003C", "003D"
OWN, SHARED, BENS, LATER = "500A", "500B", "500C", "500D"
_PAGE = 2
_AT = "/services/data/v62.0"
_CONDITION = re.compile(r"(\w+) = '((?:[^'\\]|\\.)*)'")


class Salesforce(World):
    """An organisation."""

    def __init__(self) -> None:
        super().__init__(
            "Bearer token-1", {name: {} for name in ("Contact", "Case", "EmailMessage", "CaseComment")}, self._is_hers
        )
        self.bin: list[dict[str, Any]] = []
        self.contact(ANNA, worlds.NAME, worlds.EMAIL, Phone="030 901820", Customer_Number__c=worlds.CUSTOMER_ID)
        self.contact(BEN, "Ben Stone", worlds.BEN_EMAIL, Phone=worlds.BEN_PHONE, Customer_Number__c=worlds.BEN_ID)
        self.contact(EVE, "Eve Marsh", worlds.EVE_EMAIL, MobilePhone=worlds.PHONE, Customer_Number__c=worlds.EVE_ID)
        self.case(OWN, ANNA, "A humming kettle", worlds.KETTLE)
        self.case(SHARED, ANNA, "A stuck lid", "My lid is stuck.")
        self.case(BENS, BEN, "A cold stove", "My stove stays cold.")
        self.case(LATER, ANNA, "An invoice", "Where is the invoice?")
        for case, sender, text in (
            (SHARED, worlds.BEN_EMAIL, "Mine fell off."),
            (SHARED, worlds.EMAIL, "Please hurry with my lid."),
            (LATER, worlds.EMAIL, "Still waiting."),
            (LATER, "desk@example.net", "We shall look at it."),
            (LATER, worlds.EMAIL, "Thank you for the parcel."),
        ):
            self._put(
                "EmailMessage",
                f"02s{len(self.rows['EmailMessage'])}",
                ParentId=case,
                FromAddress=sender,
                TextBody=text,
                Incoming=sender != "desk@example.net",
            )
        self._put("CaseComment", "00a1", ParentId=OWN, CommentBody="She is right.")
        self.double.open_paths = ("/services/oauth2/token",)
        self.routes(
            (
                ("POST", "/services/oauth2/token", self._sign_in),
                ("GET", f"{_AT}/limits", lambda _: Answer(body={"DailyApiRequests": {"Max": 9, "Remaining": 8}})),
                ("GET", rf"{_AT}/query(?:/\w+)?", self._query),
                ("GET", rf"{_AT}/sobjects/Contact/(\w+)/Cases", lambda asked: self._below("Case", "ContactId", asked)),
                (
                    "GET",
                    rf"{_AT}/sobjects/Case/(\w+)/(EmailMessage|CaseComment)s",
                    lambda asked: self._below(asked.parts[1], "ParentId", asked),
                ),
                ("GET", rf"{_AT}/sobjects/(\w+)/(\w+)", self._show),
                ("PATCH", rf"{_AT}/sobjects/(\w+)/(\w+)", self._change),
                ("DELETE", rf"{_AT}/sobjects/(\w+)/(\w+)", self._delete),
            )
        )

    def _is_hers(self, name: str, row: dict[str, Any]) -> bool:
        if name == "EmailMessage":
            return row["FromAddress"] in {worlds.EMAIL, "desk@example.net"}
        above = self.rows["Case"].get(row.get("ParentId", ""), row)
        return above.get("ContactId", above["Id"]) == ANNA

    def _put(self, name: str, own: str, **fields: Any) -> None:
        made = {"attributes": {"type": name}, "Id": own, "CreatedDate": "2026-03-01T10:00:00.000+0000"}
        self.rows[name][own] = made | fields

    def contact(self, own: str, name: str, email: str, **more: str) -> None:
        first, last = name.split()
        blank = {"Phone": None, "MobilePhone": None, "HomePhone": None, "Customer_Number__c": None}
        self._put("Contact", own, FirstName=first, LastName=last, Email=email, **blank | more)

    def case(self, own: str, contact: str, subject: str, text: str) -> None:
        number = f"0000{len(self.rows['Case']) + 1026}"
        self._put(
            "Case",
            own,
            ContactId=contact,
            Subject=subject,
            Description=text,
            IsClosed=True,
            Origin="Email",
            CaseNumber=number,
            SuppliedEmail=None,
        )

    # -- the API ---------------------------------------------------------------------------------------------------

    def _sign_in(self, asked: Asked) -> Answer:
        if asked.body != {"grant_type": "client_credentials", "client_id": USER, "client_secret": KEY}:
            return Answer(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
        return Answer(body={"access_token": "token-1", "instance_url": "x", "token_type": "Bearer"})

    def _page(self, rows: list[dict[str, Any]], asked: Asked) -> Answer:
        start = int(asked.query.get("start", 0))
        further = {}
        if start + _PAGE < len(rows):
            kept = re.sub(r"[?&]start=\d+", "", asked.path)
            further = {"nextRecordsUrl": f"{kept}{'&' if '?' in kept else '?'}start={start + _PAGE}"}
        return Answer(
            body={"totalSize": len(rows), "done": not further, "records": rows[start : start + _PAGE], **further}
        )

    def _query(self, asked: Asked) -> Answer:
        words = asked.query["q"]
        found = re.fullmatch(r"SELECT ([\w, ]+) FROM (\w+)(?: WHERE (.+))?(?: LIMIT \d+)?", words)
        rest = _CONDITION.sub("", found[3] or "") if found else "?"
        if found is None or rest.replace(" OR ", "").strip():
            return _refused(400, "MALFORMED_QUERY")
        conditions = [
            (field, re.sub(r"\\(.)", r"\1", value).casefold()) for field, value in _CONDITION.findall(found[3] or "")
        ]
        rows = self.chosen(
            found[2],
            lambda row: not conditions or any(str(row[field]).casefold() == value for field, value in conditions),
        )
        names = found[1].split(", ")
        return self._page([{name: row[name] for name in names} for row in rows], asked)

    def _below(self, name: str, field: str, asked: Asked) -> Answer:
        above = "Contact" if name == "Case" else "Case"
        if asked.parts[0] not in self.rows[above]:
            return _refused(404, "NOT_FOUND")
        return self._page(self.chosen(name, lambda row: row[field] == asked.parts[0]), asked)

    def _show(self, asked: Asked) -> Answer:
        row = self.rows[asked.parts[0]].get(asked.parts[1])
        return Answer(body=row) if row else _refused(404, "NOT_FOUND")

    def _change(self, asked: Asked) -> Answer:
        row = self.rows[asked.parts[0]].get(asked.parts[1])
        if row is None:
            return _refused(404, "ENTITY_IS_DELETED")
        row |= {name: value or None for name, value in asked.body.items()}
        return Answer(204)

    def _delete(self, asked: Asked) -> Answer:
        name, own = asked.parts
        if own not in self.rows[name]:
            return _refused(404, "ENTITY_IS_DELETED")
        if name == "Contact" and any(row["ContactId"] == own for row in self.rows["Case"].values()):
            return _refused(400, "DELETE_FAILED")
        self.bin.append(self.rows[name].pop(own))
        for below in ("EmailMessage", "CaseComment") if name == "Case" else ():
            self.rows[below] = {key: row for key, row in self.rows[below].items() if row["ParentId"] != own}
        return Answer(204)

    def held(self) -> str:
        """Everything that it holds, the recycle bin included."""
        return super().held() + str(self.bin)


def _refused(status: int, code: str) -> Answer:
    return Answer(status, [{"errorCode": code, "message": "No."}])
