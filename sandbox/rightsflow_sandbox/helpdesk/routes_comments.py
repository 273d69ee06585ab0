"""Comments, their redaction, attachments and call recordings."""

from __future__ import annotations

import base64

from rightsflow_sandbox.helpdesk import redaction
from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Reply
from rightsflow_sandbox.helpdesk.casework import changeable, open_ticket
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import ApiError, not_found, parameter_missing, record_invalid
from rightsflow_sandbox.helpdesk.paging import Listing, Order
from rightsflow_sandbox.helpdesk.rendering import show_attachment, show_comment, show_user
from rightsflow_sandbox.helpdesk.state import HelpdeskState

COMMENTS = Listing("comments", sorts=("created_at",))
AUDITS = Listing("audits", sorts=("created_at",))


def index(call: Call) -> Reply:
    """Return the comments of a ticket, oldest first; inline images are listed only if asked for."""
    state, ticket = call.state, open_ticket(call, call.number("ticket_id"))
    thread = state.comments.get(ticket["id"], [])
    inline = call.query.get("include_inline_images") == "true"

    def render(comment: Record) -> Record:
        shown = show_comment(state, comment)
        shown["attachments"] = [one for one in shown["attachments"] if inline or not one["inline"]]
        return shown

    answer = COMMENTS.answer(call, thread, render, Order("created_at"))
    if call.includes("users"):
        authors = dict.fromkeys(comment["author_id"] for comment in answer["comments"])
        answer["users"] = [show_user(state, state.users[one]) for one in authors if one in state.users]
    return Reply(answer)


def count(call: Call) -> Reply:
    """Count the comments of a ticket."""
    thread = call.state.comments.get(open_ticket(call, call.number("ticket_id"))["id"], [])
    return Reply({"count": {"value": len(thread), "refreshed_at": call.state.stamp()}})


def audits(call: Call) -> Reply:
    """Return a ticket's history, as far as the double stores it: one audit per comment, with the comment inside."""
    state, ticket = call.state, open_ticket(call, call.number("ticket_id"))
    thread = state.comments.get(ticket["id"], [])
    return Reply(AUDITS.answer(call, thread, lambda comment: _audit(state, comment), Order("created_at")))


def _audit(state: HelpdeskState, comment: Record) -> Record:
    event = {key: value for key, value in show_comment(state, comment).items() if key not in {"metadata", "via"}}
    return {
        "id": comment["audit_id"] or comment["id"],
        "ticket_id": comment["ticket_id"],
        "created_at": comment["created_at"],
        "author_id": comment["author_id"],
        "metadata": comment["metadata"],
        "events": [event],
        "via": comment["via"],
    }


def redact_text(call: Call) -> Reply:
    """Redact in the old way, by exact text; not on closed tickets."""
    ticket = changeable(call, call.number("ticket_id"))
    comment = call.state.comment(ticket["id"], call.number("comment_id"))
    redaction.redact_text(comment, str(call.body.get("text", "")))
    return Reply({"comment": show_comment(call.state, comment)})


def redact_marked(call: Call) -> Reply:
    """Redact in the new way, by marks in the HTML and by addresses of attachments; on closed tickets too."""
    ticket_id = call.body.get("ticket_id")
    if not isinstance(ticket_id, int):
        raise parameter_missing("ticket_id")
    ticket = open_ticket(call, ticket_id)
    comment = call.state.comment(ticket["id"], call.number("comment_id"))
    html_body, urls = call.body.get("html_body"), call.body.get("external_attachment_urls") or []
    by_url = {show_attachment(call.state, one)["content_url"]: one for one in comment["attachments"]}
    if any(url not in by_url for url in urls):
        raise record_invalid("external_attachment_urls", "No attachment of the comment has this content_url")
    if html_body:
        redaction.redact_marked(comment, str(html_body))
    for url in urls:
        redaction.redact_file(by_url[url])
    return Reply({"comment": show_comment(call.state, comment)})


def redact_attachment(call: Call) -> Reply:
    """Replace a file by an empty one. The answer shows the old one; only a new read shows the effect."""
    ticket = changeable(call, call.number("ticket_id"))
    comment = call.state.comment(ticket["id"], call.number("comment_id"))
    attachment = redaction.attachment_of(comment, call.number("attachment_id"))
    before = show_attachment(call.state, attachment)
    redaction.redact_file(attachment)
    return Reply({"attachment": before})


def make_private(call: Call) -> Reply:
    """Turn a comment into an internal note."""
    ticket = changeable(call, call.number("ticket_id"))
    call.state.comment(ticket["id"], call.number("comment_id"))["public"] = False
    return Reply({})


def attachment(call: Call) -> Reply:
    """Return an attachment's description."""
    for one in call.state.files():
        if one["id"] == call.number("attachment_id"):
            return Reply({"attachment": show_attachment(call.state, one)})
    raise not_found()


def _calls(call: Call) -> list[Record]:
    """Return the comments about one telephone call."""
    wanted = str(call.params["call_id"])
    voice = (one for one in call.state.all_comments() if one["type"] == "VoiceComment")
    found = [one for one in voice if str(one["data"]["call_id"]) == wanted]
    if not found:
        raise not_found()
    return found


def recording(call: Call) -> Reply:
    """Return the sound of a call's recording; needs credentials, unlike an attachment."""
    for comment in _calls(call):
        encoded = comment.get("recording_base64")
        if encoded:
            return Reply(base64.b64decode(encoded), content_type="audio/wav")
    raise ApiError(404, None)  # an empty body, as recorded once


def delete_recordings(call: Call) -> Reply:
    """Delete the recordings of a call; the comment stays, with number and transcript."""
    for comment in _calls(call):
        comment.pop("recording_base64", None)
        comment["data"] |= {"recording_url": None, "recorded": False}
    return Reply(status=204)


_COMMENT = "tickets/{ticket_id:int}/comments/{comment_id:int}"
_RECORDINGS = "channels/voice/calls/{call_id}/recordings"

ENDPOINTS = (
    Endpoint("GET", "tickets/{ticket_id:int}/comments", index, scope="tickets"),
    Endpoint("GET", "tickets/{ticket_id:int}/comments/count", count, scope="tickets"),
    Endpoint("GET", "tickets/{ticket_id:int}/audits", audits, scope="tickets"),
    Endpoint("PUT", f"{_COMMENT}/redact", redact_text, scope="tickets", deletes=True),
    Endpoint("PUT", "comment_redactions/{comment_id:int}", redact_marked, scope="tickets", deletes=True),
    Endpoint(
        "PUT",
        f"{_COMMENT}/attachments/{{attachment_id:int}}/redact",
        redact_attachment,
        scope="tickets",
        deletes=True,
        limits={"per-ticket-updates": "ticket_id"},
    ),
    Endpoint("PUT", f"{_COMMENT}/make_private", make_private, scope="tickets"),
    Endpoint("GET", "attachments/{attachment_id:int}", attachment, scope="tickets"),
    Endpoint("GET", "channels/voice/calls/{call_id}/twilio/recording", recording),
    Endpoint("DELETE", _RECORDINGS, delete_recordings, admin=True),
    Endpoint("DELETE", f"{_RECORDINGS}/call", delete_recordings, admin=True),
    Endpoint("DELETE", f"{_RECORDINGS}/voicemail", delete_recordings, admin=True),
)
