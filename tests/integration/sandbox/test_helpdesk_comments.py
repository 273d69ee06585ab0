"""Comments: redaction old and new, attachments on their other host, recordings; and what is beside tickets."""

import pytest
import requests

from rightsflow_sandbox.helpdesk.loading import dump_helpdesk
from tests.integration.sandbox.helpdesk_rig import helpdesk


@pytest.fixture
def desk():
    with helpdesk() as running:
        yield running


def comments(desk, ticket_id=1):
    return desk.get(f"tickets/{ticket_id}/comments?page[size]=100")["comments"]


def redact(desk, comment_id, **body):
    return desk.call("PUT", f"comment_redactions/{comment_id}", json=body)


def test_comments_tell_their_author_and_come_oldest_first(desk):
    # A comment carries address and place of its author.
    first = comments(desk)[0]

    assert first["metadata"]["system"] == {"ip_address": "192.0.2.7", "location": "Berlin"}
    assert first["html_body"] == '<div class="zd-comment" dir="auto">My code is 4711 &amp; more<br>Bye</div>'
    assert first["plain_body"] == first["body"] == "My code is 4711 & more\nBye"
    assert not {"ticket_id", "recording_base64"} & set(first)
    # Comments come oldest first with their authors if asked.
    answer = desk.get("tickets/1/comments?include=users")

    assert [one["id"] for one in answer["comments"]] == [11, 12]
    assert [one["name"] for one in answer["users"]] == ["Anna Example", "Agent"]
    assert [one["id"] for one in desk.get("tickets/1/comments?sort_order=desc")["comments"]] == [12, 11]
    assert desk.get("tickets/1/comments/count")["count"]["value"] == 2
    assert redact(desk, 13, ticket_id=1, html_body="x").status_code == 404
    assert redact(desk, 11, html_body="x").json()["error"] == "ParameterMissing"
    # A guessed address of an attachment is an empty 404.
    url = desk.get("attachments/21")["attachment"]["content_url"]
    wrong = requests.get(url.replace("/21", "/22"), timeout=10)

    assert (wrong.status_code, wrong.content) == (404, b"")
    assert desk.get("satisfaction_ratings?score=good")["satisfaction_ratings"][0]["comment"] == "fine"


def test_the_new_redaction_masks_what_is_marked_and_the_description_with_it(desk):
    marked = comments(desk)[0]["html_body"].replace("4711 &amp; more", "<redact>4711 &amp; more</redact>")

    answer = redact(desk, 11, ticket_id=1, html_body=marked)

    assert answer.status_code == 200
    assert comments(desk)[0]["body"] == "My code is ▇▇▇▇▇▇▇▇▇▇▇\nBye"
    assert desk.get("tickets/1")["ticket"]["description"] == "My code is ▇▇▇▇▇▇▇▇▇▇▇\nBye"
    assert "4711" not in str(dump_helpdesk(desk.state))


def test_the_new_redaction_works_on_closed_tickets(desk):
    html_body = comments(desk, 2)[0]["html_body"].replace("Call", "<redact>Call</redact>")

    assert redact(desk, 13, ticket_id=2, html_body=html_body).status_code == 200
    assert comments(desk, 2)[0]["body"] == "▇▇▇▇"


@pytest.mark.parametrize(
    "html_body",
    [
        "<redact>4711</redact>",
        '<div class="zd-comment" dir="auto">My code is <redact>4711</redact> and more<br>Bye</div>',
        '<div class="zd-comment" dir="auto">My code is <redact>4711 &amp; more<br>Bye</div>',
    ],
)
def test_the_new_redaction_needs_the_whole_html_as_it_is(desk, html_body):
    response = redact(desk, 11, ticket_id=1, html_body=html_body)

    assert (response.status_code, response.json()["error"]) == (422, "RecordInvalid")
    assert comments(desk)[0]["body"] == "My code is 4711 & more\nBye"


def test_the_attribute_takes_the_tag_away_and_leaves_the_text(desk):
    comment = desk.state.comments[1][0]
    comment["html_body"] = '<p>please redact <a href="https://example.com/?q=1">this</a><img src="x"></p>'
    marked = '<p>please redact <a href="https://example.com/?q=1" redact>this</a><img src="x" redact></p>'

    assert redact(desk, 11, ticket_id=1, html_body=marked).status_code == 200
    assert comments(desk)[0]["html_body"] == "<p>please redact this</p>"


def test_the_old_redaction_masks_an_exact_text_and_stops_at_closed_tickets(desk):
    done = desk.call("PUT", "tickets/1/comments/11/redact", json={"text": "4711 & more"})
    missed = desk.call("PUT", "tickets/1/comments/11/redact", json={"text": "0815"})
    closed = desk.call("PUT", "tickets/2/comments/13/redact", json={"text": "Call"})

    assert done.json()["comment"]["body"] == "My code is ▇▇▇▇▇▇▇▇▇▇▇\nBye"
    assert "▇<br>Bye" in comments(desk)[0]["html_body"]
    assert (missed.status_code, closed.status_code) == (422, 422)


def test_a_redacted_file_is_told_as_before_and_empty_when_read_again(desk):
    answer = desk.call("PUT", "tickets/1/comments/11/attachments/21/redact", json={}).json()["attachment"]
    after = comments(desk)[0]["attachments"][0]

    assert (answer["file_name"], answer["size"], answer["deleted"]) == ("id.txt", 3, False)
    assert (after["file_name"], after["size"]) == ("redacted.txt", 0)
    assert requests.get(after["content_url"], timeout=10).content == b""
    assert desk.call("PUT", "tickets/2/comments/13/attachments/22/redact", json={}).status_code == 422


def test_files_of_closed_tickets_are_redacted_by_their_address(desk):
    url = comments(desk, 2)[0]["attachments"][0]["content_url"]

    unknown = redact(desk, 13, ticket_id=2, external_attachment_urls=["https://example.com/x"])
    done = redact(desk, 13, ticket_id=2, external_attachment_urls=[url])

    assert (unknown.status_code, done.status_code) == (422, 200)
    assert desk.get("attachments/22")["attachment"]["file_name"] == "redacted.txt"


def test_an_attachment_lies_on_another_host_where_no_token_belongs(desk):
    url = desk.get("attachments/21")["attachment"]["content_url"]
    bare = requests.get(url, timeout=10)
    desk.session.get(url, timeout=10)

    assert url.startswith("http://localhost:")
    assert (bare.content, bare.headers["Content-Type"]) == (b"abc", "text/plain; charset=utf-8")
    assert [one.leaked_authorization for one in desk.state.journal.calls("GET", "/attachments/")] == [False, True]
    assert not any(one.leaked_authorization for one in desk.state.journal.calls("GET", "/api/"))


def test_an_upload_is_json_said_to_be_text_and_joins_a_comment_by_its_token(desk):
    answer = desk.call("POST", "uploads?filename=note.txt", data=b"{not json", headers={"Content-Type": "text/x-note"})
    upload = answer.json()["upload"]
    unused = desk.call("POST", "uploads?filename=b.bin", data=b"").json()["upload"]["token"]
    desk.call("PUT", "tickets/1", json={"ticket": {"comment": {"body": "see", "uploads": [upload["token"]]}}})

    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "text/plain; charset=utf-8")
    assert answer.headers["Location"] == upload["attachment"]["url"]
    attached = comments(desk)[-1]["attachments"][0]
    assert (attached["file_name"], attached["content_type"], attached["size"]) == ("note.txt", "text/x-note", 9)
    assert requests.get(attached["content_url"], timeout=10).content == b"{not json"
    statuses = [desk.call("DELETE", f"uploads/{token}").status_code for token in (upload["token"], unused)]
    assert statuses == [404, 204]
    assert desk.call("POST", "uploads").json()["error"] == "ParameterMissing"


def test_a_call_tells_numbers_and_transcript_and_its_recording_needs_a_token(desk):
    comment = comments(desk, 2)[0]
    url = comment["data"]["recording_url"]

    assert (comment["type"], comment["data"]["call_id"], comment["formatted_from"]) == (
        "VoiceComment",
        77,
        "+4930123456",
    )
    assert comment["data"]["transcription_text"] == "hello"
    assert requests.get(url, timeout=10).status_code == 401
    assert desk.session.get(url, timeout=10).content == b"RIFF"


def test_a_deleted_recording_is_gone_and_its_comment_stays(desk):
    url = comments(desk, 2)[0]["data"]["recording_url"]
    deleted = desk.call("DELETE", "channels/voice/calls/77/recordings")

    assert (deleted.status_code, desk.session.get(url, timeout=10).status_code) == (204, 404)
    data = comments(desk, 2)[0]["data"]
    assert (data["recording_url"], data["from"]) == (None, "+4930123456")
    assert desk.call("DELETE", "channels/voice/calls/78/recordings").status_code == 404


def test_audits_repeat_the_comments_and_their_redaction(desk):
    before = str(desk.get("tickets/1/audits")["audits"])
    desk.call("PUT", "tickets/1/comments/11/redact", json={"text": "4711"})

    assert "4711" in before
    assert "4711" not in str(desk.get("tickets/1/audits")["audits"])


def test_suspended_tickets_are_listed_shown_in_a_list_and_deleted(desk):
    row = desk.get("suspended_tickets?page[size]=100")["suspended_tickets"][0]
    shown = desk.get("suspended_tickets/81")["suspended_ticket"]

    assert (row["author"]["email"], "author_email" in row) == ("anna@example.com", False)
    assert [one["id"] for one in shown] == [81]
    assert desk.call("DELETE", "suspended_tickets/81").status_code == 204
    assert desk.call("DELETE", "suspended_tickets/81").status_code == 404
    assert desk.call("DELETE", "suspended_tickets/destroy_many?ids=81").status_code == 204


def test_memberships_end_and_sessions_too(desk):
    assert desk.call("DELETE", "organization_memberships/92").status_code == 204
    assert desk.call("DELETE", "organization_memberships/92").status_code == 404


def test_features_that_are_not_there_say_so(desk):
    response = desk.call("GET", "help_center/users/1/posts")

    assert (response.status_code, response.json()["error"]) == (404, "InvalidEndpoint")
