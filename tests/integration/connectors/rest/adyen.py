"""A double of Adyen, written from its OpenAPI documents: stored payment methods, and erasure orders per payment."""

from __future__ import annotations

from typing import Any

from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.worlds import World
from tests.support.rest_double import Answer, Asked

KEY, MERCHANT = "AQE-invented", "ExampleDevicesECOM"


class Adyen(World):
    """A merchant account."""

    def __init__(self) -> None:
        super().__init__(
            KEY, {"tokens": {}, "payments": {}}, lambda _, row: row["shopperReference"] == worlds.CUSTOMER_ID
        )
        self.double.header = "X-API-Key"
        self.orders: list[str] = []
        for own, of, email, psp in (
            ("T1", worlds.CUSTOMER_ID, worlds.EMAIL, "PSP1"),
            ("T2", worlds.CUSTOMER_ID, worlds.EMAIL, ""),
            ("T3", worlds.BEN_ID, worlds.BEN_EMAIL, "PSP3"),
        ):
            row = {
                "id": own,
                "shopperReference": of,
                "shopperEmail": email,
                "type": "scheme",
                "lastFour": "1142",
                "holderName": "A. Berg",
            }
            self.rows["tokens"][own] = row | ({"firstPspReference": psp} if psp else {})
            if psp:
                self.rows["payments"][psp] = {"shopperReference": of, "state": "held"}
        self.routes(
            (
                ("GET", "/storedPaymentMethods", self._list),
                ("DELETE", r"/storedPaymentMethods/(\w+)", self._delete),
                ("POST", "/dp/requestSubjectErasure", self._order),
            )
        )

    def _list(self, asked: Asked) -> Answer:
        of = asked.query["shopperReference"]
        rows = self.chosen("tokens", lambda row: row["shopperReference"] == of)
        return Answer(
            body={
                "merchantAccount": asked.query["merchantAccount"],
                "shopperReference": of,
                "storedPaymentMethods": rows,
            }
        )

    def _delete(self, asked: Asked) -> Answer:
        row = self.rows["tokens"].get(asked.parts[0])
        if row is None or row["shopperReference"] != asked.query["shopperReference"]:
            return Answer(404, {"status": 404, "errorCode": "800", "message": "Token not found"})
        del self.rows["tokens"][asked.parts[0]]
        return Answer(204)

    def _order(self, asked: Asked) -> Answer:
        psp = asked.body["pspReference"]
        assert asked.body["merchantAccount"] == MERCHANT
        return Answer(body={"result": self._result(psp)})

    def _result(self, psp: str) -> str:
        if psp not in self.rows["payments"]:
            return "PAYMENT_NOT_FOUND"
        if any(row.get("firstPspReference") == psp for row in self.rows["tokens"].values()):
            return "ACTIVE_RECURRING_TOKEN_EXISTS"
        if psp in self.orders:
            return "ALREADY_PROCESSED"
        self.orders.append(psp)
        self.rows["payments"][psp] |= {"state": "REDACTED"}
        return "SUCCESS"

    def tokens(self) -> list[str]:
        """The ids of the stored payment methods."""
        return sorted(self.rows["tokens"])

    def order_of(self, psp: str) -> Any:
        """What became of a payment."""
        return self.rows["payments"][psp]["state"]
