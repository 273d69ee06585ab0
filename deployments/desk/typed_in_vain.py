"""A form that is sent after the session ended: what was typed is kept, and stands in its page again after that."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import URL, FormData
from starlette.requests import Request

from deployments.desk.protection import SESSION, is_token, own_path
from deployments.desk.visit import Visit
from rightsflow.signin.sessions import Draft

AGAIN: Final = "typed"
"""The value of a page's address by which what was typed stands in it again; it says nothing else."""


def asked_for(url: URL) -> str:
    """The path and the query of an address.

    Args:
        url: The address.
    """
    return f"{url.path}?{url.query}" if url.query else url.path


def page_of_form(request: Request, page: str) -> str:
    """Return the page that a form was sent from, with its query if the browser sent it.

    Args:
        request: The request.
        page: The page's own path.
    """
    came = urlsplit(request.headers.get("referer", ""))
    return own_path(f"{page}?{came.query}", page) if came.query and came.path == page else page


def keep_typed(visit: Visit, page: str) -> bool:
    """Store the input of a form whose session has ended; return whether it was stored.

    Args:
        visit: The request.
        page: The page's path, with its query.
    """
    ended = visit.request.cookies.get(SESSION, "")
    if not is_token(visit.typed("token"), ended):
        return False
    fields = tuple((name, value) for name, value in visit.form.multi_items() if isinstance(value, str))
    return visit.desk.door.drafts.keep(ended, Draft(page, visit.request.url.path, fields))


def may_keep_typed(visit: Visit) -> bool:
    """Return whether a form has to be read without a session: its browser had one, and no file is sent.

    Args:
        visit: The request, before its form is read.
    """
    kind = visit.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return False
    return visit.desk.door.drafts.is_of_a_session(visit.request.cookies.get(SESSION, ""))


def with_typed(page: str) -> str:
    """Return the address of a page that shows stored input again.

    Args:
        page: Its path, with its query.
    """
    return f"{page}{'&' if '?' in page else '?'}{AGAIN}=again"


def show_typed(visit: Visit) -> None:
    """Show stored input in a page that asks for it.

    Args:
        visit: The request, of a person who is signed in.
    """
    if visit.signed_in is None or not visit.asked(AGAIN):
        return
    draft = visit.desk.door.drafts.of(visit.cookie)
    if draft is not None and with_typed(draft.page) == asked_for(visit.request.url):
        visit.draft, visit.form = draft, FormData(list(draft.fields))


def forget_typed(visit: Visit) -> None:
    """Delete stored input once a form of its page was accepted."""
    if visit.signed_in is not None and f"{AGAIN}=again" in visit.request.headers.get("referer", ""):
        visit.desk.door.drafts.drop(visit.cookie)
