"""A shop of django-oscar, made and filled by its own ORM: accounts, addresses, orders, notes, payments, reviews."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from oscar import INSTALLED_APPS, defaults


def main(given_at, answer_at):
    """Fill it."""
    given = json.loads(Path(given_at).read_text(encoding="utf-8"))
    shop = {name: value for name, value in vars(defaults).items() if name.startswith("OSCAR_")}
    settings.configure(
        SECRET_KEY="unused",
        INSTALLED_APPS=INSTALLED_APPS,
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **given["database"]}},
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        SITE_ID=1,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        MIGRATION_MODULES=_None(),
        **shop,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    Path(answer_at).write_text(json.dumps(_Shop(given["people"]).fill(given["orders"])), encoding="utf-8")


class _None(dict):
    """No migrations: the tables are made from the models, in seconds."""

    def __contains__(self, _):
        return True

    def __getitem__(self, _):
        return None


class _Shop:
    def __init__(self, people):
        from django.contrib.auth.models import User
        from oscar.core.loading import get_model

        self.model = lambda name: get_model(*name.split("."))
        self.country = self.model("address.Country").objects.create(
            iso_3166_1_a2="DE", iso_3166_1_a3="DEU", printable_name="Germany", name="Germany", is_shipping_country=True
        )
        kind = self.model("catalogue.ProductClass").objects.create(name="kettle")
        self.product = self.model("catalogue.Product").objects.create(title="Kettle", product_class=kind)
        self.users = {}
        for person in people:
            user = User.objects.create_user(person["login"], person["emails"][0])
            User.objects.filter(pk=user.pk).update(first_name=person["first"], last_name=person["last"])
            self.users[person["number"]] = user
            self.model("address.UserAddress").objects.create(
                user=user, phone_number=person["phones"][0], notes=person["hint"], **self._place(person, "Home")
            )
            review = {"product": self.product, "score": 5, "title": "Fine", "body": person["review"]}
            self.model("reviews.ProductReview").objects.create(
                user=user, name=person["name"], email=person["emails"][0], **review
            )
            self.model("basket.Basket").objects.create(owner=user)
            self.model("wishlists.WishList").objects.create(owner=user, name=person["wish"])

    def _place(self, one, street):
        place = {"line4": "Berlin", "postcode": "10115", "country": self.country}
        return {"first_name": one["first"], "last_name": one["last"], "line1": street, **place}

    def fill(self, orders):
        """Place all orders; gives their numbers."""
        return [self._order(one, number) for number, one in enumerate(orders, 1)]

    def _order(self, one, number):
        address = self.model("order.ShippingAddress").objects.create(
            phone_number=one["phone"], notes=one["note"], **self._place(one, one["street"])
        )
        user = self.users.get(one["account"])
        price = {"total_incl_tax": Decimal(20), "total_excl_tax": Decimal(17)}
        order = self.model("order.Order").objects.create(
            number=f"{100000 + number}", user=user, guest_email=one["guest"], shipping_address=address,
            currency="EUR", shipping_incl_tax=0, shipping_excl_tax=0, shipping_method="post", **price,
        )  # fmt: skip
        prices = {
            f"line_price_{part}": 1
            for part in ("incl_tax", "excl_tax", "before_discounts_incl_tax", "before_discounts_excl_tax")
        }
        line = order.lines.create(
            title="Kettle", partner_name="us", quantity=1, num_allocated=0, product=self.product, **prices
        )
        line.attributes.create(type="engraving", value=one["line"])
        order.notes.create(user=user, message=one["remark"], note_type="Info")
        kind, _ = self.model("payment.SourceType").objects.get_or_create(name="card")
        source = order.sources.create(source_type=kind, currency="EUR", reference=one["payment"])
        source.transactions.create(txn_type="Debit", amount=20, reference=one["payment"])
        return order.pk


main(*sys.argv[1:])
