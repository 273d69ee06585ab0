"""An invented person's data, as the connectors give them, for the tests of the package."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterator
from datetime import UTC, date, datetime

from rightsflow.config.sections.controller import Controller, Person
from rightsflow.documents.package import LeftOut, PackageFinding, PackageInfo, SystemInfo
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

PASSPHRASE = "7K3M-9QTX-04WB-HN2E-R6VD"


def tone(seconds: float = 2.0, rate: int = 8000) -> bytes:
    """A short wav file that plays."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(
            b"".join(struct.pack("<h", int(9000 * math.sin(at / rate * 2764))) for at in range(int(seconds * rate)))
        )
    return buffer.getvalue()


def ticket(number: int, subject: str, *said: tuple[str, str, str], **more: object) -> Document:
    content = {
        "id": number,
        "subject": subject,
        "status": "solved",
        "created_at": said[0][1],
        "tags": ["headset", "warranty"],
        "comments": [{"author": who, "created_at": at, "body": body, "public": True} for who, at, body in said],
        **more,
    }
    return Document(record=RecordRef("helpdesk", "ticket", str(number)), category="service tickets", content=content)


def payment(number: int, amount: str, description: str) -> Document:
    return Document(
        record=RecordRef("payments", "charge", f"ch_{number}"),
        category="payments and refunds",
        content={
            "id": f"ch_3Q{number:04}",
            "created": f"2026-0{number}-14T09:30:12Z",
            "description": description,
            "amount": amount,
            "currency": "EUR",
            "status": "succeeded",
            "billing_details": {"name": "Anna Schmidt", "email": "anna@example.com", "address": {"city": "Erlangen"}},
            "payment_method": {"type": "card", "brand": "visa", "last4": "4242"},
            "receipt_email": "anna@example.com",
        },
    )


def blob(system: str, name: str, media_type: str, data: bytes, category: str, **metadata: object) -> Blob:
    def read() -> Iterator[bytes]:
        yield from (data[at : at + 4096] for at in range(0, len(data), 4096))

    return Blob(
        record=RecordRef(system, "file", name),
        category=category,
        name=name,
        media_type=media_type,
        open=read,
        metadata=metadata,
    )


def parts() -> Iterator[Part]:
    """Two tickets, an attachment, three payments and two calls, the systems mixed as parallel steps give them."""
    yield ticket(
        4711,
        "Headset does not connect",
        (
            "You",
            "2026-03-02T08:12:00Z",
            "Hello,\n\nmy headset does not connect any more since the update.\n\nAnna Schmidt",
        ),
        (
            "Service agent",
            "2026-03-02T10:40:00Z",
            "Good morning Ms Schmidt,\n\nplease hold the button for ten seconds.",
        ),
        ("You", "2026-03-03T17:05:00Z", "That worked. By the way, [other person's name] has the same trouble."),
    )
    yield payment(1, "129.90", "Order 2026-1001: headset")
    yield blob(
        "recordings",
        "Call of 3 March 2026.wav",
        "audio/wav",
        tone(),
        "call recordings",
        started_at="2026-03-03T16:58:10Z",
        seconds=2,
        direction="inbound",
        queue="Hardware support",
        channels="your channel only",
        erased_on="2026-09-03",
    )
    yield ticket(
        4802,
        "Refund for <b>cable</b> & adapter",
        ("You", "2026-04-11T12:00:00+02:00", "I sent the cable back on 9 April. When do I get my money?"),
        (
            "Service agent",
            "2026-04-11T13:15:00+02:00",
            "<p>We have received it.</p><p>The refund takes 3&nbsp;days.</p>",
        ),
        satisfaction_rating={"score": "good", "comment": '=HYPERLINK("http://evil.example")'},
    )
    yield blob("helpdesk", "../../CON.pdf", "application/pdf", b"%PDF-1.4 invented", "attachments", ticket=4802)
    yield payment(2, "19.90", "Order 2026-1044: cable")
    yield payment(4, "-19.90", "Refund of order 2026-1044")
    yield blob(
        "recordings",
        "Call of 11 April 2026.wav",
        "audio/wav",
        tone(1.0),
        "call recordings",
        started_at="2026-04-11T09:58:10Z",
        seconds=1,
        direction="outbound",
        queue="Refunds",
        channels="your channel only",
        erased_on="2026-10-11",
    )


def system(name: str, title: str, finding: PackageFinding = PackageFinding.HELD, **changes: object) -> SystemInfo:
    values: dict[str, object] = {
        "purposes": ("handling service requests", "warranty"),
        "categories": ("contact data", "service tickets", "attachments"),
        "source": "you yourself; the online shop",
        "recipients": ("Callhouse Lisbon (processor)",),
        "retention": "24 months after the ticket is closed",
        "transfers": "",
    }
    return SystemInfo(name=name, title=title, finding=finding, **(values | changes))  # type: ignore[arg-type]


def info(**changes: object) -> PackageInfo:
    controller = Controller.model_validate(
        {
            "name": "Example Devices GmbH",
            "country": "DE",
            "timezone": "Europe/Berlin",
            "authority": {"name": "Bavarian Lander Office for Data Protection", "url": "https://authority.example"},
        }
    )
    values: dict[str, object] = {
        "case_id": "DSR-2026-7K3M9Q",
        "controller": controller,
        "controller_address": "Musterstr. 1, 91052 Erlangen",
        "contact": Person(name="Data protection officer", email="dpo@example.com"),
        "received_at": datetime(2026, 11, 2, 22, 30, tzinfo=UTC),
        "answered_at": datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
        "addressee": "Anna Schmidt",
        "automated_decisions": "We take no decisions about you by automated means alone and make no profile of you.",
        "masked": {"name": 1, "email": 2},
        "left_out": (
            LeftOut(
                system="recordings",
                what="the part of a call in which another customer speaks",
                reason="It contains only that person's data.",
                legal_basis="Art. 15(4) GDPR",
            ),
        ),
        "request_file_until": date(2029, 12, 31),
        "purge_package_on": date(2026, 12, 24),
        "systems": (
            system("helpdesk", "Helpdesk"),
            system(
                "payments",
                "Payments",
                purposes=("taking payments and refunding them",),
                categories=("payments and refunds",),
                recipients=("Stripe Payments Europe, Ltd., Dublin (processor)",),
                retention="8 years from the end of the year of the payment (§ 147 AO)",
                transfers="USA: Stripe, LLC, under the EU-U.S. Data Privacy Framework (Art. 45 GDPR)",
            ),
            system(
                "recordings",
                "Call recordings",
                purposes=("training and quality, with your consent",),
                categories=("voice recordings", "time and length of the call"),
                source="your call",
                retention="6 months after the call",
            ),
            system("shop", "Online shop", PackageFinding.NOTHING),
            system(
                "legacy-crm",
                "Old customer database",
                PackageFinding.NOT_SEARCHED,
                finding_reason="It was shut down in 2024.",
            ),
        ),
    }
    return PackageInfo(**(values | changes))  # type: ignore[arg-type]
