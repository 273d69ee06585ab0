"""Two people who give the same number are two people until an officer says otherwise."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.facts.persons import Sought, other_cases
from rightsflow.cases.work.erasure.suppression import listed_of, suppress
from rightsflow.cases.work.rectification.other_cases import confirm_same_person, find_other_person
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.request import RequestForm
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID
from tests.support.looks import letter
from tests.support.steps import answer_sent, identified, nothing_held, search, send_answer

HOUSE = "+49 30 23125 001"
"""Anna's number in the bench's systems, and the one of her house."""
BEN = {"email": "ben@example.org", "name": "Ben Quillfeather"}
FAMILY = "family@example.net"


@pytest.fixture
def erased(bench):
    """Anna's erasure, which left an invoice."""
    return answer_sent(bench)


def others(bench, case_id):
    with bench.file(case_id) as file:
        found = other_cases(file)
    return found.same, found.perhaps, found.apart


def find(act, one, other, **fields):
    return act(current_app(), one, other, **({"reason": "Called both back.", "by": "Dana Decider"} | fields))


def opened(**fields):
    return open_request_form(current_app(), RequestForm(right="access", opened_by="Olga Opener", **fields)).case_id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"phone": HOUSE}, {"phone": HOUSE}),
        ({"phone": HOUSE, "email": ANNA_EMAIL.value}, {"phone": HOUSE, **BEN}),
        ({"customer_id": "C-77"}, {"customer_id": "C-77"}),
        ({"customer_id": "C-77", "phone": HOUSE, "name": "Anna Quill"}, {"customer_id": "C-77", "phone": HOUSE, **BEN}),
        ({"email": FAMILY, "name": "Anna Quill"}, {"email": FAMILY, "name": "Ben Quill"}),
        ({"email": FAMILY, "customer_id": "C-1"}, {"email": FAMILY, "customer_id": "C-2"}),
    ],
    ids=["number", "household", "customer number", "shared contract", "family's address", "two accounts"],
)
def test_a_second_person_gets_a_case_of_their_own_and_an_officer_a_hint(bench, first, second):
    """Before, they were told that they had asked already, and an import took their request for the first one's."""
    one, two = opened(**first), opened(**second)
    assert others(bench, two) == ((), (one,), ())
    case = read_overview(current_app(), two)
    assert f"which a person has to find out:** {one}" in render_sheet(case, bench.runtime)
    assert "EarlierCasesFound" not in [entry.event for entry in looks.entries(bench, two)]


def test_the_same_request_again_joins_the_first_and_what_has_nothing_in_common_is_never_found_to_be_the_same(bench):
    opened(email=FAMILY, phone=HOUSE, name="Anna Quill")
    for again in ({"email": FAMILY}, {"email": FAMILY, "phone": "+49 30 23125 777", "name": "Anna Quill"}):
        with pytest.raises(Conflict, match="open access case already"):
            opened(**again)
    one, two = opened(email=ANNA_EMAIL.value), opened(**BEN)
    with pytest.raises(BadInput, match=f"{two} is none of the cases"):
        find(confirm_same_person, one, two)


@pytest.mark.parametrize(
    "given", [{"phone": HOUSE, **BEN}, {"phone": HOUSE, "email": ""}], ids=["named", "number alone"]
)
def test_what_an_erasure_left_is_not_handed_to_who_shares_its_number(bench, erased, given):
    theirs = identified(bench, "access", **given)
    search(theirs)
    assert others(bench, theirs) == ((), (erased,), ())
    assert "invoice" not in {one.ref.kind for one in looks.findings(bench, theirs)}


def test_who_shares_a_customer_number_waits_until_a_person_found_out_and_gets_nothing_of_another(bench, erased):
    """The number of a household's contract: until now it was enough to be handed what the other one had left."""
    theirs = identified(bench, "access", customer_id=ANNA_ID.value, **BEN)
    with pytest.raises(Conflict, match=f"{erased} may be of the same person and left records"):
        search(theirs)
    with pytest.raises(Conflict, match="four eyes"):
        find(find_other_person, theirs, erased, by="Olga Opener")
    with pytest.raises(BadInput, match="how you found out that it is another person"):
        find(find_other_person, theirs, erased, reason=" ")
    assert "are of two people from now on" in find(find_other_person, theirs, erased)
    search(theirs)
    assert others(bench, theirs) == ((), (), (erased,))
    assert others(bench, erased) == ((), (), (theirs,))
    with bench.file(theirs) as file:
        assert "invoice" not in {one.ref.kind for one in file.findings.all()}
        (said,) = [one for one in file.ledger.entries() if one.event == "OtherPersonFound"]
        assert not {erased, "Called both back."} & set(map(str, said.details.values())), "evidence names no other case"
    with pytest.raises(Conflict, match="before; nothing has changed"):
        find(find_other_person, theirs, erased)


def test_once_a_person_found_out_that_it_is_the_same_one_the_answer_names_what_was_left(bench, erased):
    again = identified(bench, "access", customer_id=ANNA_ID.value, email="anna.new@example.net")
    with pytest.raises(Conflict, match="same-person"):
        search(again)
    assert find(confirm_same_person, again, erased).startswith(f"{again} and {erased} are of the same person")
    search(again)
    assert "invoice" in {one.ref.kind for one in looks.findings(bench, again)}


@pytest.mark.apart
def test_a_clear_no_counts_only_the_files_of_the_same_person(bench):
    """Before, who gave the customer number of another's request was told of it in the letter."""
    first = nothing_held(bench, customer_id="C-777", email="first@example.net")
    send_answer(bench, first)
    second = nothing_held(bench, customer_id="C-777", email="second@example.net")
    assert "earlier requests of yours" not in letter(bench, second, "L8")
    send_answer(bench, second)
    third = nothing_held(bench, customer_id="C-777", email="second@example.net")
    assert "the files about earlier requests of yours (1)" in letter(bench, third, "L8")


def test_a_recycled_number_does_not_tell_that_the_one_before_objected(bench):
    """The number is on the list, and no one is called; who has it now is not told that another person objected."""
    suppress(current_app(), Sought(phone=HOUSE), by="Olga")
    now = identified(bench, "access", phone=HOUSE, **BEN)
    with bench.file(now) as file:
        assert file.suppressions.held(current_app().today)
        assert listed_of(file, current_app()) == []


def test_a_number_that_was_put_on_the_list_beside_the_address_is_told(bench):
    suppress(current_app(), Sought(phone=HOUSE, email=BEN["email"]), by="Olga")
    now = identified(bench, "access", phone=HOUSE, **BEN)
    with bench.file(now) as file:
        assert {one.kind.value for one in listed_of(file, current_app())} == {"email", "phone"}


def test_a_company_s_switchboard_stops_none_of_its_callers(bench):
    switchboard = "+49 30 23125 500"
    callers = [opened(phone=switchboard, email=f"caller{number}@example.net") for number in range(4)]
    case_id = identified(bench, "erasure", phone=switchboard, email="caller9@example.net")
    search(case_id)
    assert others(bench, case_id) == ((), tuple(sorted(callers)), ())
