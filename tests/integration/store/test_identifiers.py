"""The subject's identifiers: each once, found by keyed hashes, counted without being read."""

from __future__ import annotations

from sqlalchemy import select

from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.store.tables import IdentifierRow
from rightsflow.vault import MasterKey
from tests.support.casework import CUSTOMER, EMAIL, NAME, PHONE, SECRET, email, opened


def test_each_is_kept_once_and_with_where_it_was_learnt(store):
    case_id = opened(store, EMAIL, NAME)
    with store.case_file(case_id) as file:
        file.identifiers.add([EMAIL, PHONE, PHONE], learnt_from="helpdesk")
        file.identifiers.add([PHONE, CUSTOMER], learnt_from="payments")
        assert file.identifiers.known() == {EMAIL, NAME, PHONE, CUSTOMER}
        assert file.identifiers.summary() == {"email": 1, "name": 1, "phone": 1, "customer_id": 1}
    with store.database.transaction() as session:
        learnt = {row.kind: row.learnt_from for row in session.scalars(select(IdentifierRow))}
    assert learnt == {"email": "request", "name": "request", "phone": "helpdesk", "customer_id": "payments"}

    case_id = opened(store, PHONE, NAME, EMAIL)
    with store.case_file(case_id) as file:
        file.identifiers.add([CUSTOMER, email("aaron"), EMAIL], learnt_from="helpdesk")
        assert file.identifiers.asked_with() == sorted([EMAIL, NAME, PHONE])
    with store.case_file(opened(store, CUSTOMER)) as file:
        assert file.identifiers.asked_with() == [CUSTOMER]

    same = {Identifier(IdentifierKind.CUSTOMER_ID, "A-1"), Identifier(IdentifierKind.ACCOUNT_ID, "A-1", "shop")}
    case_id = opened(store, *same)
    with store.case_file(case_id) as file:
        assert file.identifiers.known() == same


def test_hashes_are_the_vaults_names_have_none_and_accounts_are_those_of_one_system(store):
    keyring = MasterKey(SECRET).first_keyring()
    case_id = opened(store, EMAIL, CUSTOMER, PHONE, NAME)
    with store.case_file(case_id) as file:
        strong, weak = file.identifiers.hashes()
    assert strong == {keyring.blind_index("email", EMAIL.value), keyring.blind_index("customer_id", CUSTOMER.value)}
    assert weak == {keyring.blind_index("phone", PHONE.value)}

    # The case of helpdesk account 5 is not an earlier case of shop account 5.
    shop, desk = (Identifier(IdentifierKind.ACCOUNT_ID, "5", system) for system in ("shop", "helpdesk"))
    of_shop, of_desk = opened(store, shop), opened(store, desk)
    assert store.cases_of(frozenset({shop})) == [of_shop]
    assert store.cases_of(frozenset({desk})) == [of_desk]
    with store.case_file(of_shop) as file:
        file.identifiers.add([desk], learnt_from="helpdesk")
        assert file.identifiers.known() == {shop, desk}


def test_the_scope_changes_with_what_can_be_searched_for_only(store):
    case_id = opened(store, EMAIL)
    with store.case_file(case_id) as file:
        first = file.identifiers.scope()
        file.identifiers.add([NAME])
        assert file.identifiers.scope() == first
        file.identifiers.add([PHONE])
        second = file.identifiers.scope()
        file.identifiers.add([EMAIL])
        assert file.identifiers.scope() == second
    assert first != second

    scopes = []
    for order in ([EMAIL, email("anna2")], [email("anna2"), EMAIL]):
        case_id = opened(store, order[0])
        with store.case_file(case_id) as file:
            file.identifiers.add(order[1:], learnt_from="helpdesk")
            scopes.append(file.identifiers.scope())
    assert scopes[0] == scopes[1]


def test_a_number_is_marked_as_contested(store):
    case_id = opened(store, EMAIL, PHONE)
    for contested in (True, False):
        with store.case_file(case_id) as file:
            file.identifiers.mark_contested(frozenset({PHONE} if contested else ()))
        with store.database.transaction() as session:
            marks = {row.kind: row.contested for row in session.scalars(select(IdentifierRow))}
        assert marks == {"email": False, "phone": contested}
