"""A complaint to a British controller: recorded, acknowledged within 30 days, and open until its outcome was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.letters.complaints import read_complaints, record_complaint
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.domain.errors import BadInput, Conflict
from tests.integration.cases.shop_database import erased, letters, with_shop

ABOUT = "You kept my order although I never bought anything."


@pytest.fixture
def british(bench, tmp_path, monkeypatch):
    bench.moment[0] = datetime(2026, 7, 1, 9, tzinfo=UTC)
    with_shop(bench, tmp_path, monkeypatch)
    controller = bench.runtime.settings.controller.model_copy(
        update={"country": "GB", "timezone": "Europe/London", "regime": "uk-gdpr", "subdivision": "ENG"}
    )
    settings = bench.runtime.settings.model_copy(update={"controller": controller})
    bench.runtime = replace(bench.runtime, settings=settings)
    with installed(bench.runtime):
        yield erased(bench)


def complain(case, **more):
    return record_complaint(current_app(), case, about=ABOUT, by="Ben", **more)


@pytest.mark.apart
def test_the_letters_offer_it_and_it_can_be_opened(bench, british):
    """Letters confirmed within 30 days, and no complaint could be recorded."""
    assert "You can complain to us first" in letters(bench, british)["L11"]
    bench.moment[0] = datetime(2026, 7, 10, 9, tzinfo=UTC)
    said = complain(british, received_on=date(2026, 7, 6))
    assert "send it by Tue 04 Aug 2026" in said
    letter = letters(bench, british)["L29"]
    assert "On 6 July 2026 we received your complaint. It is about your request of 1 July 2026." in letter
    assert "s. 164A Data Protection Act 2018" in letter
    assert ABOUT not in letter
    waiting = {one.letter for one in current_app().store.work.letters_to_send() if one.case_id == british}
    assert waiting == {"L29"}
    with bench.file(british) as file:
        (task,) = [one for one in file.tasks.all() if one.kind == "answer a complaint"]
        assert ABOUT not in str([one.details for one in file.ledger.entries()])
    assert (task.is_open, task.due_on) == (True, date(2026, 8, 4))
    with pytest.raises(Conflict, match="has not gone out"):
        mark_task_done(current_app(), british, task.number, on=None, by="Ben")
    record_sent(current_app(), british, "L29", by="Ben")
    mark_task_done(current_app(), british, task.number, on=None, by="Ben")
    assert read_complaints(current_app(), british, by="Ben", reason="To look into it.") == (ABOUT,)
    complain(british)
    assert "L29.2" in letters(bench, british)


def test_what_cannot_be_is_refused(bench, british):
    for day in (date(2026, 6, 30), date(2026, 7, 2)):
        with pytest.raises(BadInput, match="check the day"):
            complain(british, received_on=day)
    with pytest.raises(BadInput, match="Say what"):
        record_complaint(current_app(), british, about="  ", by="Ben")
    assert "L29" not in letters(bench, british)


@pytest.mark.apart
def test_where_the_law_has_none_it_is_refused(bench, tmp_path, monkeypatch):
    with_shop(bench, tmp_path, monkeypatch)
    with installed(bench.runtime):
        case = erased(bench)
        with pytest.raises(Conflict, match="knows no complaint to the controller"):
            complain(case)
