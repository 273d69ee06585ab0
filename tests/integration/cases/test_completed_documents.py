"""What a kept document lacks and only the account holds stays with the document, restricted, until its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up
from tests.support.real_shop import CALLHOUSE, PARCELS, a_shop

THEIRS = {"column": "customer_id", "table": "customers", "to": "id"}
ACCOUNT = "SELECT email, name, street, phone, frozen FROM customers WHERE id = 1"
GONE = [("", "", "", "", 0)]


def shop(folder, completes, **tables):
    invoices = {"references": [THEIRS | ({} if completes is None else {"completes": completes})]}
    register = {"callhouse": CALLHOUSE, "parcels": PARCELS}
    return a_shop(folder, tables={"invoices": invoices, **tables}, processors=register)


def test_the_account_stays_with_its_invoice_restricted_and_without_what_the_law_does_not_need(tmp_path):
    fields = {"customers": {"fields": {"phone": "phone", "name": "name", "address": "street"}}}
    with shop(tmp_path, completes=True, **fields) as customers:
        case_id, letter = customers.answered()
        assert customers.rows(ACCOUNT) == [("anna@example.com", "Anna Quill", "Elm Street 1", "", 1)]
        assert (
            "customer accounts (Shop), 1 record, restricted to being stored (Art. 18(2) GDPR): The law obliges us to "
            "keep payment vouchers, and a part of what they have to say is only here."
        ) in letter
        texts = customers.texts(case_id)
        assert "- customer accounts, until 31 December 2033, or until we release them" in texts["callhouse"]
        assert "- invoices, until 31 December 2033, or until we release them" in texts["callhouse"]
        assert "It is not about what we still have to keep: customer accounts, invoices." in texts["parcels"]


@pytest.mark.apart
def test_the_account_goes_when_the_invoice_does(tmp_path):
    with shop(tmp_path, completes=True) as customers:
        case_id, _ = customers.answered()
        customers.moment[0] += timedelta(days=366 * 8)
        for _ in range(3):
            follow_up(current_app())
            with customers.runtime.store.case_file(case_id) as file:
                waiting = [one.number for one in file.tasks.all() if one.is_open]
            for number in waiting:
                approve_task(current_app(), case_id, number, by="Dana Decider")
            follow_up(current_app())
            customers.pass_days(1)
        assert customers.rows("SELECT count(*) FROM invoices WHERE customer_id = 1") == [(0,)]
        assert customers.rows(ACCOUNT)[0][:4] == GONE[0][:4]


@pytest.mark.apart
@pytest.mark.parametrize(("completes", "is_asked"), [(None, True), (False, False)])
def test_who_approves_is_asked_only_where_nothing_is_stated(tmp_path, completes, is_asked):
    with shop(tmp_path, completes=completes) as customers:
        case_id = customers.planned()
        assert ("if they do not hold name and address themselves, keep it as well" in customers.gate(case_id)) is (
            is_asked
        )
        customers.approve(case_id)
        customers.carry_out(case_id)
        assert customers.rows(ACCOUNT) == GONE
