"""The suppression list: who is erased or objects is on it, programs are told yes or no, and the letters name it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rightsflow.app import current_app, installed
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.access.package_info import package_info
from rightsflow.cases.work.erasure.suppression import are_suppressed, listed_of, suppress, unsuppress
from rightsflow.cases.work.purge import purge
from rightsflow.config.sections.policy_settings import SuppressionSettings
from rightsflow.domain.errors import BadInput
from rightsflow.store import Store
from rightsflow.store.rotation import change_master_key, conclude
from rightsflow.store.tables import SuppressionRow
from rightsflow.vault import MasterKey
from tests.integration.cases.answered_erasures import answered
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_PHONE, BORIS_EMAIL, CANARIES, running_bench
from tests.support.looks import letter
from tests.support.steps import identified, nothing_held, search, send_answer

ANNA = Sought(email="Anna.Quill@example.com")
UNTIL = date(2029, 3, 5)


@pytest.fixture
def listing(tmp_path):
    """A bench whose controller puts erased people on the list."""
    with running_bench(tmp_path) as made:
        on = SuppressionSettings(after_erasure=True)
        made.runtime = replace(made.runtime, settings=made.runtime.settings.model_copy(update={"suppression": on}))
        with installed(made.runtime):
            yield made


def asked(*texts):
    return [one.value for one in are_suppressed(current_app(), texts)]


def test_nothing_is_listed_where_the_controller_does_not_say_so(bench):
    case_id = answered(bench)
    assert asked(ANNA_EMAIL.value) == ["no"]
    assert "suppression" not in letter(bench, case_id)


def test_a_person_who_was_erased_is_found_in_every_spelling_until_the_end_that_the_letter_names(listing):
    case_id = answered(listing)
    assert asked("ANNA.QUILL@Example.com ", "030 23125001", "+49 30 23125 001", BORIS_EMAIL.value, "x") == [
        "yes",
        "yes",
        "yes",
        "no",
        "invalid",
    ]
    assert (
        "- An entry on our suppression list: keyed codes of your e-mail address and your phone number, so that an "
        "import from another source does not bring your data back (Art. 6(1)(f) GDPR), until 5 March 2029."
        in letter(listing, case_id)
    )
    noted = [one.details for one in looks.entries(listing, case_id, "PersonSuppressed")]
    assert {(one["kind"], one["until"]) for one in noted} == {("email", "2029-03-05"), ("phone", "2029-03-05")}
    listing.pass_time(timedelta(days=1097))
    assert asked(ANNA_EMAIL.value) == ["no"]
    assert purge(current_app()).suppressions == 2


def test_the_list_holds_hashes_of_a_key_of_its_own_and_nothing_that_names_the_person(listing):
    case_id = answered(listing)
    with listing.runtime.store.database.reading() as session:
        rows = session.scalars(select(SuppressionRow)).all()
        shown = str([vars(one) for one in rows])
    assert not any(canary in shown for canary in CANARIES)
    with listing.file(case_id) as file:
        known = {one["hash"] for one in file.identifiers.hash_lines()}
    assert len(rows) == 2
    assert not {one.digest for one in rows} & known


def test_a_rotation_of_the_master_key_leaves_the_list_as_it_was(listing):
    answered(listing)
    old, new = MasterKey(b"k" * 32), MasterKey(b"n" * 32, b"k" * 32)
    database, now = listing.runtime.store.database, listing.runtime.now()
    keys = [old]
    change_master_key(database, now, lambda: keys[-1], lambda: keys.append(new))
    after = Store(database, new, listing.runtime.now)
    for _ in after.keys.rewrap(new):
        pass
    conclude(database, new, now, lambda: None, actor="Olga")
    alone = Store(database, MasterKey(b"n" * 32), listing.runtime.now)
    assert alone.suppressions.are_listed([ANNA_EMAIL, ANNA_PHONE, BORIS_EMAIL], current_app().today) == [
        True,
        True,
        False,
    ]


def test_who_objects_is_listed_without_an_end_and_can_leave(bench):
    said = suppress(current_app(), ANNA, by="Olga")
    assert said == "On the suppression list from now on, without an end: 1 address."
    assert suppress(current_app(), ANNA, by="Olga") == "They are on the suppression list already."
    bench.pass_time(timedelta(days=20_000))
    purge(current_app())
    assert asked(ANNA_EMAIL.value) == ["yes"]
    with pytest.raises(BadInput, match="reason is missing"):
        unsuppress(current_app(), ANNA, reason=" ", by="Olga")
    assert "Off the suppression list: 1 entry." in unsuppress(current_app(), ANNA, reason="Mail of today.", by="Olga")
    assert asked(ANNA_EMAIL.value) == ["no"]
    assert unsuppress(current_app(), ANNA, reason="Again.", by="Olga") == "They were not on the suppression list."
    with pytest.raises(BadInput, match="e-mail addresses, telephone numbers"):
        suppress(current_app(), Sought(customer_id="C-10001"), by="Olga")


def test_an_access_answer_names_what_the_list_holds(bench):
    suppress(current_app(), ANNA, by="Olga")
    case_id = identified(bench, "access")
    search(case_id)
    with bench.file(case_id) as file:
        info = package_info(file, current_app(), listed_of(file, current_app()))
    assert info.suppression.startswith(
        "keyed codes of your e-mail address, because you objected to direct marketing (Art. 21(3) GDPR)"
    )


def test_nothing_held_is_not_said_of_a_person_without_naming_the_list_and_the_earlier_files(bench):
    send_answer(bench, nothing_held(bench))
    suppress(current_app(), Sought(email="nobody.here@example.net"), by="Olga")
    text = letter(bench, nothing_held(bench), "L8")
    assert "found none, apart from what is named below." in text
    assert "the files about earlier requests of yours (1)" in text
    assert "We keep keyed codes of your e-mail address, because you objected to direct marketing" in text


def test_a_number_that_other_people_use_too_is_not_listed(listing):
    case_id = identified(listing, "erasure")
    search(case_id)
    with listing.file(case_id) as file:
        file.identifiers.mark_contested(frozenset({ANNA_PHONE}))
        assert ANNA_PHONE not in file.identifiers.of_no_other()
        assert ANNA_EMAIL in file.identifiers.of_no_other()
