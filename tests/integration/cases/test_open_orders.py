"""What an open order refers to stays with it, and who got the address for it is told only once it is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.domain.case.manual_tasks import TaskKind
from tests.support.real_shop import CALLHOUSE, PARCELS, a_shop

ADDRESS = "SELECT email, name, street, phone FROM customers WHERE id = 1"
WHOLE = [("anna@example.com", "Anna Quill", "Elm Street 1", "+493023125001")]


@pytest.fixture
def shop(tmp_path):
    register = {"callhouse": CALLHOUSE, "parcels": PARCELS}
    with a_shop(tmp_path, processors=register, section={"recipients": ["Credit Bureau Ltd"]}) as shop:
        shop.run(
            "INSERT INTO orders (id, customer_id, goods, state, placed) VALUES (1, 1, 'kettle', 'open', '2026-03-01')"
        )
        yield shop


@pytest.mark.apart
def test_the_account_stays_with_the_open_order_and_goes_with_it_when_the_recipients_are_told(shop):
    case_id = shop.planned()
    assert "An open order of the person refers to it, so that it stays until the order is fulfilled" in shop.gate(
        case_id
    )
    shop.approve(case_id)
    shop.carry_out(case_id)
    letter = shop.answer(case_id)
    assert shop.rows(ADDRESS) == WHOLE
    assert shop.rows("SELECT count(*) FROM newsletter WHERE email = 'anna@example.com'") == [(0,)]
    texts = shop.texts(case_id)
    assert "parcels" not in texts, "the parcel company still needs the address"
    assert "- customer accounts, until we release them (Art. 6(1)(b) GDPR" in texts["callhouse"]
    assert "An order of yours that is not fulfilled yet refers to it and needs it" in letter
    for name in ("Paketdienst AG", "Credit Bureau Ltd"):
        assert (
            f"We have not told {name} about the erasure yet. We do so once your open order is fulfilled or cancelled "
            "(Art. 19 GDPR)."
        ) in letter
    assert not [one for one in shop.tasks(case_id) if one.startswith("Tell ")]
    shop.run("UPDATE orders SET state = 'done' WHERE id = 1")
    with shop.runtime.store.case_file(case_id) as file:
        (review,) = [one for one in file.tasks.all() if one.kind is TaskKind.UNDATED]
    shop.moment[0] += timedelta(days=(review.due_on - current_app().today).days)
    follow_up(current_app())
    approve_task(current_app(), case_id, review.number, by="Dana Decider")
    follow_up(current_app())
    assert shop.rows(ADDRESS) == [("", "", "", "")]
    assert "We have erased personal data that we had disclosed to you" in shop.texts(case_id)["parcels"]
    assert [one for one in shop.tasks(case_id) if one.startswith("Tell Credit Bureau Ltd of the erasure")]


def test_an_order_that_names_the_person_itself_keeps_its_account_too(tmp_path):
    orders = {"orders": {"identities": [{"column": "goods", "kind": "email"}]}}
    with a_shop(tmp_path, tables=orders) as shop:
        shop.run("INSERT INTO orders VALUES (1, 1, 'anna@example.com', 'open', '2026-03-01', 0, NULL)")
        shop.answered()
        assert shop.rows(ADDRESS) == WHOLE
