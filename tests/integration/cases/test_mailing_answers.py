"""Answers that a person mails: to which address, with the package or without it, never with its passphrase."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import pyzipper

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_returned
from rightsflow.cases.course.sending.mail import mail_letter, mail_letters, mail_view
from rightsflow.cases.course.sending.text_review import edit_letter, read_text_to_confirm
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.work.access.package import package_name
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.domain.delivery import AddressKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.identity import StatedMandate
from rightsflow.store.case.keeping import PASSPHRASE
from tests.support import looks
from tests.support.bench import CANARIES
from tests.support.canary import Scanner, all_logs
from tests.support.desk import sent
from tests.support.kept_cases import brought
from tests.support.mailing import identify_by_code, mailing
from tests.support.post import smtp_server
from tests.support.steps import carry_out, pack, search

SCANNER = Scanner({value: value for value in CANARIES})
MANDATE = StatedMandate(name="Rita Representative", mandate="written power of attorney", seen_on="2026-03-05")


@pytest.fixture(scope="module")
def server():
    with smtp_server() as box:
        yield box


@pytest.fixture
def box(bench, server):
    server.messages.clear()
    server.refusal = ""
    with mailing(bench, server.port):
        yield server


def identified(bench, box, right, *, by_code, mandate=None, **opened):
    case_id = bench.open(right, **opened)
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    if by_code:
        identify_by_code(case_id, box, mandate=mandate)
    else:
        bench.confirm_identity(case_id)
    search(case_id)
    return case_id


def read_and_mail(app, case_id, letter, *, by):
    """What a person does who mails a letter: they read it, and mail it."""
    read_text_to_confirm(app, case_id, letter, by=by, reason="to send it")
    return mail_letter(app, case_id, letter, by=by)


def erased(bench, box, *, by_code=False, **given):
    """An erasure whose answer is written, with an invoice that is kept."""
    stage = ("erased, to be mailed", by_code, *sorted(given.items()))
    return brought(bench, stage, lambda: _erased(bench, box, by_code=by_code, **given), is_wanted_again=True)


def _erased(bench, box, *, by_code, mandate=None, **opened):
    case_id = identified(bench, box, "erasure", by_code=by_code, mandate=mandate, **opened)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return case_id


def packed(bench, box, *, by_code=True, mandate=None):
    """An access request whose answer is written, with its package."""
    stage = ("packed, to be mailed", by_code, mandate)
    return brought(bench, stage, lambda: _packed(bench, box, by_code, mandate), is_wanted_again=True)


def _packed(bench, box, by_code, mandate):
    case_id = identified(bench, box, "access", by_code=by_code, mandate=mandate)
    pack(case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    write_answer(current_app(), case_id)
    return case_id


def sending(bench, case_id):
    with bench.file(case_id) as file:
        entry = next(one for one in reversed(list(file.ledger.entries())) if one.event == "LetterSent")
        return entry.actor, entry.details, file.is_closed


@pytest.mark.apart
def test_the_answer_to_an_erasure_goes_out_when_a_person_mails_it_and_opens_the_case_when_it_comes_back(bench, box):
    case_id = erased(bench, box)
    assert (mail_letters(bench.runtime), sent(bench, case_id)) == (0, ["L1"])
    with all_logs() as written:
        assert read_and_mail(bench.runtime, case_id, "L11", by="Olga") == "Letter L11 has gone out by mail."
    mail = box.messages[-1]
    assert (mail["To"], mail["Message-ID"]) == ("anna.quill@example.com", f"<{case_id.lower()}.l11@example.com>")
    assert "invoice" in mail.get_content()
    actor, noted, is_closed = sending(bench, case_id)
    assert (actor, noted["channel"], noted["address"], is_closed) == ("Olga", "e-mail", AddressKind.GIVEN, True)
    assert "attached" not in noted
    ours = [line for line in written.getvalue().splitlines() if " mail.log " not in line]  # its own server logs
    assert not SCANNER.scan("\n".join(ours).encode(), "logs")
    assert not SCANNER.scan(repr(noted).encode(), "ledger")
    record_returned(bench.runtime, case_id, "L11", bench.runtime.today, by="Olga")
    assert sending(bench, case_id)[2] is False
    with pytest.raises(Conflict, match="came back"):
        read_and_mail(bench.runtime, case_id, "L11", by="Olga")


@pytest.mark.apart
def test_an_answer_that_no_one_has_read_as_it_is_now_is_not_mailed(bench, box):
    case_id = erased(bench, box)
    with pytest.raises(Conflict, match="No one has opened letter L11 as it is now"):
        mail_letter(bench.runtime, case_id, "L11", by="Olga")
    read_text_to_confirm(bench.runtime, case_id, "L11", by="Olga", reason="to send it")
    parts = FreeParts(salutation="Dear Ms Quillfeather,", remark="")
    edit_letter(bench.runtime, case_id, "L11", parts, by="Olga")
    with bench.file(case_id) as file:
        (opened,) = file.ledger.entries("LetterOpened")
        assert (opened.actor, opened.details["letter"]) == ("Olga", "L11")
    assert sent(bench, case_id) == ["L1"]


@pytest.mark.apart
def test_a_routine_letter_that_a_person_worded_goes_out_by_itself_only_once_it_was_opened(bench, server):
    server.messages.clear()
    case_id = bench.open("access")
    edit_letter(bench.runtime, case_id, "L1", FreeParts(remark="We write again soon."), by="Olga")
    with mailing(bench, server.port):
        assert mail_letters(bench.runtime) == 0
        assert "No one has opened letter L1" in mail_view(bench.runtime, case_id, "L1").why_not
        read_text_to_confirm(bench.runtime, case_id, "L1", by="Olga", reason="to send it")
        assert mail_letters(bench.runtime) == 1
    assert "We write again soon." in server.messages[-1].get_content()


@pytest.mark.apart
def test_where_a_code_proved_an_address_the_answer_goes_there_whatever_the_request_gave(bench, box):
    case_id = erased(bench, box, by_code=True, email="", customer_id="C-10001", channel="letter")
    read_and_mail(bench.runtime, case_id, "L11", by="Olga")
    assert box.messages[-1]["To"] == "anna.quill@example.com"
    assert sending(bench, case_id)[1]["address"] == AddressKind.VERIFIED


@pytest.mark.apart
def test_a_package_goes_with_its_letter_encrypted_and_its_passphrase_does_not(bench, box):
    case_id = packed(bench, box)
    with bench.file(case_id) as file:
        passphrase = file.outbox.secret(PASSPHRASE)
    said = read_and_mail(bench.runtime, case_id, "L9", by="Olga")
    assert "Tell the person the passphrase by telephone from the case owner, and never in a mail" in said
    mail = box.messages[-1]
    (package,) = mail.iter_attachments()
    assert package.get_filename() == package_name(case_id)
    with pyzipper.AESZipFile(io.BytesIO(package.get_content())) as archive:
        archive.setpassword(passphrase.encode())
        assert archive.testzip() is None
    assert passphrase not in mail.get_body().get_content() + said
    _, noted, is_closed = sending(bench, case_id)
    assert (noted["address"], noted["attached"], is_closed) == (AddressKind.VERIFIED, "package", True)


@pytest.mark.apart
@pytest.mark.parametrize(
    ("by_code", "most", "why"), [(False, 7, "a code proved"), (True, 0, "attach_package_up_to_mb is 0")]
)
def test_a_package_is_mailed_to_a_proved_address_alone_and_where_the_configuration_says_so(
    bench, box, by_code, most, why
):
    case_id = packed(bench, box, by_code=by_code)
    with mailing(bench, box.port, attach_package_up_to_mb=most):
        before = len(box.messages)
        with pytest.raises(Conflict, match=why):
            read_and_mail(bench.runtime, case_id, "L9", by="Olga")
        assert (len(box.messages), sent(bench, case_id)) == (before, ["L1"])


def test_a_package_that_is_too_large_or_gone_is_not_mailed_and_neither_is_its_letter(bench, box):
    case_id = packed(bench, box)
    with bench.file(case_id) as file:
        workspace = bench.runtime.workspace(file)
    whole = b"".join(workspace.read_file(package_name(case_id)))
    workspace.put_file(package_name(case_id), [whole + b"0" * 7_000_000])
    with pytest.raises(Conflict, match=r"has 7\.0 MB, and is mailed up to 7 MB"):
        read_and_mail(bench.runtime, case_id, "L9", by="Olga")
    workspace.purge(package_name(case_id))
    with pytest.raises(Conflict, match="not among the working copies"):
        read_and_mail(bench.runtime, case_id, "L9", by="Olga")
    assert sent(bench, case_id) == ["L1"]


@pytest.mark.apart
def test_a_call_back_stands_for_the_code_where_the_policy_says_so_and_is_named_as_what_it_is(bench, box):
    case_id = packed(bench, box, by_code=False)
    assert mail_view(bench.runtime, case_id, "L9").way is None
    with mailing(bench, box.port):
        settings = bench.runtime.settings
        delivery = settings.delivery.model_copy(update={"package_after_call_back": True})
        app = replace(bench.runtime, settings=settings.model_copy(update={"delivery": delivery}))
        read_and_mail(app, case_id, "L9", by="Olga")
    assert sending(bench, case_id)[1]["address"] == AddressKind.CALLED_BACK


@pytest.mark.apart
def test_who_has_a_representative_gets_no_package_at_the_address_that_a_code_proved(bench, box):
    case_id = packed(bench, box, mandate=MANDATE)
    assert "none; hand it out" in mail_view(bench.runtime, case_id, "L9").why_not


@pytest.mark.apart
def test_the_answer_to_a_representative_goes_to_the_address_that_the_request_gave(bench, box):
    case_id = erased(bench, box, by_code=True, mandate=MANDATE)
    read_text_to_confirm(bench.runtime, case_id, "L11", by="Olga", reason="to send it")
    assert mail_view(bench.runtime, case_id, "L11").way.kind is AddressKind.GIVEN


@pytest.mark.apart
def test_the_answer_to_a_representative_goes_to_the_address_that_was_given_with_the_mandate(bench, box):
    case_id = erased(bench, box, by_code=True, mandate=replace(MANDATE, address="rita@lawyers.example"))
    read_text_to_confirm(bench.runtime, case_id, "L11", by="Olga", reason="to send it")
    way = mail_view(bench.runtime, case_id, "L11").way
    assert (way.kind, way.address) == (AddressKind.REPRESENTATIVE, "rita@lawyers.example")
    read_and_mail(bench.runtime, case_id, "L11", by="Olga")
    noted = sending(bench, case_id)[1]
    assert noted["address"] == AddressKind.REPRESENTATIVE
    assert "lawyers.example" not in repr([one.details for one in looks.entries(bench, case_id)])
    revealed = reveal(bench.runtime, case_id, by="Olga", reason="to send it")
    assert "letters go to rita@lawyers.example" in revealed.reasons["identity"]


@pytest.mark.apart
def test_a_package_goes_to_no_representative_by_mail(bench, box):
    case_id = packed(bench, box, mandate=replace(MANDATE, address="rita@lawyers.example"))
    assert "none; hand it out" in mail_view(bench.runtime, case_id, "L9").why_not


@pytest.mark.apart
def test_what_was_refused_for_good_is_sent_in_another_way(bench, box):
    case_id = erased(bench, box)
    box.refusal = "550 5.6.1 not here"
    with pytest.raises(Conflict, match="the mail server refused it"):
        read_and_mail(bench.runtime, case_id, "L11", by="Olga")
    assert "refused this letter for good" in mail_view(bench.runtime, case_id, "L11").why_not


def test_a_mail_server_that_does_not_answer_leaves_the_answer_to_be_tried_again(bench, box):
    case_id = erased(bench, box)
    box.refusal = "451 4.3.0 later"
    with pytest.raises(Conflict, match="the mail server refused it"):
        read_and_mail(bench.runtime, case_id, "L11", by="Olga")
    box.refusal = ""
    assert read_and_mail(bench.runtime, case_id, "L11", by="Olga") == "Letter L11 has gone out by mail."


@pytest.mark.apart
def test_a_request_by_letter_is_answered_by_letter(bench, box):
    case_id = erased(bench, box, channel="letter")
    assert "did not come by e-mail" in mail_view(bench.runtime, case_id, "L11").why_not
