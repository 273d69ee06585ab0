"""A double of Twilio, written from its OpenAPI document: calls, softly deleted recordings, messages, media."""

from __future__ import annotations

import base64
from typing import Any

from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.worlds import WAV, World
from tests.support.rest_double import Answer, Asked

ACCOUNT, USER, KEY = "AC0000000000000000000000000000abcd", "SK1", "invented-key"
LINE = "+4989555000"
OWN, LATER, BENS = "CA01", "CA02", "CA03"
_PAGE = 2
_AT = f"/2010-04-01/Accounts/{ACCOUNT}"


class Twilio(World):
    """An account, whose line is called by people."""

    def __init__(self) -> None:
        signs = "Basic " + base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        super().__init__(signs, {name: {} for name in ("Calls", "Recordings", "Messages", "Media")}, self._is_hers)
        self.call(OWN, worlds.PHONE, LINE, ("RE01", "RE02", "RE03"))
        self.call(LATER, LINE, worlds.PHONE, ())
        self.call(BENS, worlds.BEN_PHONE, LINE, ("RE09",))
        self.message("SM01", worlds.PHONE, LINE, worlds.KETTLE)
        self.message("SM02", LINE, f"whatsapp:{worlds.PHONE}", "Thank you for the parcel.")
        self.message("SM03", worlds.BEN_PHONE, LINE, "My stove stays cold.")
        self.rows["Media"]["ME01"] = {"sid": "ME01", "parent_sid": "SM01", "content_type": "image/png", "uri": "x"}
        self.routes(
            (
                ("GET", rf"{_AT}/(Calls|Messages).json", self._list),
                ("GET", rf"{_AT}/Calls/(\w+)/(Recordings).json", self._list_below),
                ("GET", rf"{_AT}/Messages/(\w+)/(Media).json", self._list_below),
                ("GET", rf"{_AT}/Messages/\w+/(Media)/(\w+).json", self._show),
                ("DELETE", rf"{_AT}/Messages/\w+/(Media)/(\w+).json", self._delete),
                (
                    "GET",
                    rf"{_AT}/Messages/\w+/Media/\w+",
                    lambda _: Answer(body=b"PNG", headers={"Content-Type": "image/png"}),
                ),
                ("GET", rf"{_AT}/(Calls|Messages|Recordings)/(\w+).json", self._show),
                ("DELETE", rf"{_AT}/(Calls|Messages|Recordings)/(\w+).json", self._delete),
                ("POST", rf"{_AT}/Messages/(\w+).json", self._change),
                (
                    "GET",
                    rf"{_AT}/Recordings/\w+.wav",
                    lambda _: Answer(body=WAV, headers={"Content-Type": "audio/wav"}),
                ),
            )
        )

    def _is_hers(self, name: str, row: dict[str, Any]) -> bool:
        above = self.rows["Calls"].get(row.get("call_sid", ""), row)
        return name == "Media" or worlds.PHONE in {above.get("of"), *self._ends(above)}

    @staticmethod
    def _ends(row: dict[str, Any]) -> set[str]:
        return {str(row.get(end, "")).removeprefix("whatsapp:") for end in ("from", "to")}

    def call(self, sid: str, origin: str, to: str, recordings: tuple[str, ...]) -> None:
        self.rows["Calls"][sid] = {
            "sid": sid,
            "from": origin,
            "to": to,
            "status": "completed",
            "start_time": "Tue, 31 Mar 2026 20:36:29 +0000",
            "account_sid": ACCOUNT,
        }
        for own in recordings:
            of = ({origin, to} - {LINE}).pop()
            self.rows["Recordings"][own] = {
                "sid": own,
                "call_sid": sid,
                "status": "completed",
                "duration": "17",
                "of": of,
            }

    def message(self, sid: str, origin: str, to: str, body: str) -> None:
        self.rows["Messages"][sid] = {
            "sid": sid,
            "from": origin,
            "to": to,
            "body": body,
            "date_sent": "Thu, 24 Aug 2026 05:01:45 +0000",
            "account_sid": ACCOUNT,
        }

    # -- the API ---------------------------------------------------------------------------------------------------

    def _page(self, key: str, rows: list[dict[str, Any]], asked: Asked) -> Answer:
        number = int(asked.query.get("Page", 0))
        start, size = number * _PAGE, min(int(asked.query.get("PageSize", 50)), _PAGE)
        further = None
        if start + size < len(rows):
            path, _, query = asked.path.partition("?")
            kept = "&".join(part for part in query.split("&") if not part.startswith("Page="))
            further = f"{path}?{kept}&Page={number + 1}&PageToken=x"
        return Answer(body={key: rows[start : start + size], "page": number, "next_page_uri": further})

    def _list(self, asked: Asked) -> Answer:
        (name,) = asked.parts
        wanted = {end: asked.query[end.title()] for end in ("from", "to") if end.title() in asked.query}
        # A plus in a query that was not encoded is a blank: the double takes what comes after decoding.
        rows = self.chosen(name, lambda row: all(row[end] == value for end, value in wanted.items()))
        return self._page(name.lower(), rows, asked)

    def _list_below(self, asked: Asked) -> Answer:
        of, name = asked.parts
        above = "call_sid" if name == "Recordings" else "parent_sid"
        if of not in self.rows["Calls" if name == "Recordings" else "Messages"]:
            return _missing()
        rows = [row for row in self.rows[name].values() if row[above] == of and row.get("status") != "deleted"]
        return self._page("recordings" if name == "Recordings" else "media_list", rows, asked)

    def _show(self, asked: Asked) -> Answer:
        name, own = asked.parts
        row = self.rows[name].get(own)
        if row is None or (row.get("status") == "deleted" and asked.query.get("IncludeSoftDeleted") != "true"):
            return _missing()
        return Answer(body=row)

    def _delete(self, asked: Asked) -> Answer:
        name, own = asked.parts
        row = self.rows[name].get(own)
        if row is None or row.get("status") == "deleted":
            return _missing()
        if row.get("status") == "in-progress":
            return Answer(409, {"code": 20009, "message": "Cannot delete this resource", "status": 409})
        if name == "Recordings":
            row["status"] = "deleted"
        else:
            del self.rows[name][own]
        return Answer(204)

    def _change(self, asked: Asked) -> Answer:
        row = self.rows["Messages"][asked.parts[0]]
        assert (asked.body or {}).get("Body", "") == ""
        row["body"] = ""
        return Answer(body=row)


def _missing() -> Answer:
    return Answer(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
