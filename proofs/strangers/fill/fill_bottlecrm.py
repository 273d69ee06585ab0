"""BottleCRM (``django-crm``), made and filled by its own ORM: contacts, cases, orders, invoices, leads, calls."""

import json
import os
import sys
from pathlib import Path

import django


def main(given_at, answer_at):
    """Fill it."""
    given = json.loads(Path(given_at).read_text(encoding="utf-8"))
    reached = {f"DB{key}": str(value) for key, value in given["database"].items()}
    os.environ.update({"DBPASSWORD": "unused", "DBPORT": "5432", "SECRET_KEY": "unused" * 9} | reached)
    os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"
    from django.conf import settings

    # Celery imports what lies where the program was started.
    os.chdir(given["folder"])
    settings.MEDIA_ROOT = given["folder"]
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.CELERY_BROKER_URL = "memory://"
    # No migrations: the tables are made from the models, in seconds.
    settings.MIGRATION_MODULES = dict.fromkeys(name.rpartition(".")[2] for name in settings.INSTALLED_APPS)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    Path(answer_at).write_text(json.dumps(_Crm(given["people"]).fill(given["tickets"])), encoding="utf-8")


class _Crm:
    def __init__(self, people):
        from django.apps import apps
        from django.contrib.contenttypes.models import ContentType
        from django.utils import timezone

        self.model, self.now = apps.get_model, timezone.now()
        self.org = self._make("common.Org", name="Example Devices", in_org=False)
        user = self.model("common.User").objects.create_user(email="agnes@care.example.com", password="unused")
        self.agent = self._make("common.Profile", user=user, role="ADMIN", is_active=True)
        self.of_cases = ContentType.objects.get_for_model(self.model("cases.Case"))
        self.contacts = {person["number"]: self._contact(person) for person in people}

    def _make(self, model, /, *, in_org=True, **values):
        return self.model(model).objects.create(**values, **({"org": self.org} if in_org else {}))

    def _contact(self, person):
        named = {"first_name": person["first"], "last_name": person["last"]}
        reached = {"email": person["emails"][0], "phone": person["phones"][0]}
        contact = self._make(
            "contacts.Contact", **named, **reached, description=person["hint"], custom_fields={"pet": person["pet"]}
        )
        named_so = {"name": f"Household {person['number'] // 6}", "org": self.org}
        household, _ = self.model("accounts.Account").objects.get_or_create(**named_so)
        order = self._make(
            "orders.Order", name="Kettle", contact=contact, account=household, description=person["order"],
            shipping_address_line=f"Street {person['number']}",
        )  # fmt: skip
        self._make("orders.OrderLineItem", order=order, name="Kettle", description=person["line"])
        self._make(
            "invoices.Invoice", invoice_title="Kettle", invoice_number=f"I-{person['number']}", notes=person["invoice"],
            account=household, client_name=person["name"], client_email=reached["email"], client_phone=reached["phone"],
        )  # fmt: skip
        self._make(
            "interactions.Interaction", kind="call", direction="inbound", contact=contact, home="contact",
            occurred_at=self.now, body=person["call"],
        )  # fmt: skip
        self._make("leads.Lead", title="Fair", **named, email=reached["email"], description=person["lead"])
        self._make("leads.Lead", title="Card", **named, description=person["bare"])
        return contact

    def fill(self, tickets):
        """Open all cases; gives their numbers."""
        return [str(self._case(one, number)) for number, one in enumerate(tickets)]

    def _case(self, one, number):
        case = self._make(
            "cases.Case", name=one["subject"][:64], status="New", priority="Normal", description=one["text"],
            custom_fields={"caller": one["phone"]} if one["phone"] and one["author"] is None else {},
        )  # fmt: skip
        if one["author"] is not None:
            case.contacts.add(self.contacts[one["author"]])
        if one["email"]:
            copied = ", ".join(self.contacts[other].email for other in one["cc"])
            self._make(
                "cases.EmailMessage", case=case, message_id=f"<{number}@mail.example.com>", from_address=one["email"],
                to_addresses="care@care.example.com", cc_addresses=copied, subject=one["subject"], received_at=self.now,
                body_text=one["text"],
            )  # fmt: skip
        for message in one["messages"]:
            self._comment(case, message)
        return case.pk

    def _comment(self, case, message):
        from django.core.files.base import ContentFile

        by = {"commented_by_contact": self.contacts.get(message["author"])}
        if message["author"] == "agnes":
            by = {"commented_by": self.agent, "is_internal": message.get("internal", False)}
        about = {"content_type": self.of_cases, "object_id": case.pk}
        comment = self._make("common.Comment", comment=message["text"], **about, **by)
        if file := message.get("file"):
            stored = ContentFile(file["content"].encode(), name=file["name"])
            self._make("common.CommentFiles", comment=comment, comment_file=stored)


main(*sys.argv[1:])
