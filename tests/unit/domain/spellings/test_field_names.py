"""The sort of data that a field has by its name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.spellings.field_names import FieldSort, nouns_of, singular, sort_of, words_of

SORTS = {
    FieldSort.EMAIL: "email EMail e_mail Email2 customer_email contactEmail submitter_email mail Mailadresse e-mail",
    FieldSort.PHONE: "phone Telefon mobile_number Fax homePhone msisdn callerid caller SenderNumber telNr phone_number",
    FieldSort.NAME: "first_name LastName vorname contactName ShipName payer cid_name display_name",
    FieldSort.BIRTH_DATE: "birth_date BirthDate dob geburtsdatum date_of_birth birthday",
    FieldSort.CUSTOMER_NUMBER: "customer_no kdnr CustNo kundennummer member_number",
    FieldSort.SECRET: "password_hash user_pass api_key auth_token salt",
    FieldSort.FREE_TEXT: "notes description Bemerkung message_body subject",
    FieldSort.FILE: "file_name disk_filename recordingfile attachment_path",
    FieldSort.OTHER: "email_verified mail_notification phone_type is_mobile_verified email_count created_at name_index "
    "status order_id price phone_model birth_place customer_id email_template",
}


def test_names_of_fields():
    wrong = [(name, sort, sort_of(name)) for sort, names in SORTS.items() for name in names.split()]
    assert [item for item in wrong if item[1] is not item[2]] == []
    assert words_of("custEMail2_X") == ("cust", "e", "mail", "x")
    assert nouns_of("ost_user_emails") == ("ost", "user", "email")
    assert [*map(singular, ["people", "addresses", "categories", "boxes", "status", "boss"])] == (
        ["person", "address", "category", "box", "status", "boss"]
    )


@given(name=st.text())
def test_any_name_has_one_sort_whatever_its_capitals(name):
    assert sort_of(name) in FieldSort
    assert sort_of(f"{name}_email_verified") is not FieldSort.EMAIL
