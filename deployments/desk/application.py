"""The desk as an ASGI application: the table of its pages, what is done around each, and how forms are read.

Every request goes the same way: who asks, whether they may, whether the form is from a page of theirs, whether a fresh
proof is needed; then the page. Nothing of it is said a second time in a page.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from deployments.callers import caller_of, counted_address
from deployments.desk.addresses import OUTWARD, PREFIX
from deployments.desk.desk_time import DeskTime
from deployments.desk.page import ANYBODY, MEMBER, WITH_FILES, Act, Needs, Page, Shows, pages_of
from deployments.desk.pages import MODULES
from deployments.desk.pages.signing_in import prove_afresh
from deployments.desk.protection import (
    ANONYMOUS,
    SAID,
    SESSION,
    CallLimit,
    drop_cookie,
    is_token,
    new_token,
    set_cookie,
)
from deployments.desk.rendering import STATIC
from deployments.desk.typed_in_vain import asked_for, forget_typed, keep_typed, may_keep_typed, page_of_form, show_typed
from deployments.desk.visit import Desk, Visit
from rightsflow.cases.step.faults import without_content
from rightsflow.domain.errors import BadInput, Conflict, Misconfigured, RightsflowError, Transient
from rightsflow.domain.processors.files import MOST_DOCUMENTS

STRANGERS_BYTES: Final = 64 * 1024
"""The maximum size of a form that anybody can send, in bytes: a sign-in has a few fields."""
_MOST_FIELDS: Final = 20_000


class _InMemory(MultiPartParser):
    """Files in memory: a processor's proof may name the person, and is stored only encrypted."""

    spool_max_size = WITH_FILES


async def read_form(request: Request, most_bytes: int) -> FormData:
    """Read a form.

    Args:
        request: The request.
        most_bytes: How many bytes it may have.

    Raises:
        HTTPException: It has more, or cannot be read (413), or did not come in time (408).
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > len(str(most_bytes)) or int(declared) > most_bytes:
        raise HTTPException(413)
    try:
        return await _parser(request, _counted(request, most_bytes)).parse()
    except MultiPartException:
        raise HTTPException(413) from None
    except ClientDisconnect:
        raise HTTPException(408) from None


def _parser(request: Request, body: AsyncGenerator[bytes, None]) -> FormParser | MultiPartParser:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return _InMemory(request.headers, body, max_files=MOST_DOCUMENTS, max_fields=_MOST_FIELDS)
    return FormParser(request.headers, body, max_fields=_MOST_FIELDS)


async def _counted(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise HTTPException(413)
        yield chunk


logger = logging.getLogger(__name__)

SIGN_IN: Final = f"{PREFIX}/sign-in"


def make_desk(desk: Desk, is_secure: Callable[[Request], bool], call_limit: CallLimit | None = None) -> Starlette:
    """The application.

    Args:
        desk: What the pages work with.
        is_secure: Whether a request came by https, so that its cookies are for https alone.
        call_limit: How often the pages for people of other companies may be called.
    """
    around = _Around(desk, is_secure, call_limit)
    routes: list[BaseRoute] = [Mount(f"{PREFIX}/static", StaticFiles(directory=STATIC))]
    routes += routes_of(pages_of(MODULES), around)
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: around.answer_fault},
    )


def routes_of(pages: Iterable[Page], around: _Around) -> list[BaseRoute]:
    """Return the routes of pages: each address with its view and its actions.

    Args:
        pages: The pages.
        around: What is done around each.
    """
    routes: list[BaseRoute] = []
    for page in pages:
        routes.append(Route(page.path, partial(around.look, page), methods=["GET"]))
        routes += [Route(act.path, partial(around.do, page, act), methods=["POST"]) for act in page.acts]
    return routes


class _Around:
    """The common processing around every page.

    Args:
        desk: What the pages work with.
        is_secure: Whether a request came by https.
        call_limit: How often the pages for people of other companies may be called.
    """

    def __init__(self, desk: Desk, is_secure: Callable[[Request], bool], call_limit: CallLimit | None = None) -> None:
        self._desk = desk
        self._is_secure = is_secure
        self._call_limit = call_limit or CallLimit()
        self._time = DeskTime()

    async def look(self, page: Page, request: Request) -> Response:
        """Answer a request for a page."""
        if page.admits and (refused := await self._kept_out(page, request)):
            return refused
        return await run_in_threadpool(self._answered, request, partial(self._look, page, request))

    async def do(self, page: Page, act: Act, request: Request) -> Response:
        """Answer a form; a form from a person without permission is refused before it is read."""
        if page.admits:
            refused = await self._kept_out(page, request)
        else:
            refused = await self._refused_early(page, act, request)
        if refused:
            return refused
        is_open = act.needs is ANYBODY and not page.admits
        form = await read_form(request, STRANGERS_BYTES if is_open else page.most_bytes)
        return await run_in_threadpool(self._answered, request, partial(self._do, page, act, request, form))

    async def _kept_out(self, page: Page, request: Request) -> Response | None:
        """Return the refusal of a page for people of other companies; a valid link has a limit of its own."""
        answer = await run_in_threadpool(self._answered, request, partial(self._turned_away, page, request))
        is_admitted = answer.status_code == _OK
        link = request.path_params.get("link", "") if is_admitted else ""
        if not self._call_limit.takes(f"link {link}" if link else counted_address(caller_of(request))):
            raise HTTPException(429)
        return None if is_admitted else answer

    async def _refused_early(self, page: Page, act: Act, request: Request) -> Response | None:
        """Return the refusal of a form before reading it; ``None`` also if it may be stored after the session ended."""

        def judged() -> Response:
            visit = self._visit(request)
            if visit.signed_in is None and may_keep_typed(visit):
                return Response()
            return self._finished(visit, self._refused(visit, page, act.needs) or Response())

        answer = await run_in_threadpool(self._answered, request, judged)
        return None if answer.status_code == _OK else answer

    def _turned_away(self, page: Page, request: Request) -> Response:
        """An answer that is not 200 where the page admits no one."""
        visit = self._visit(request)
        return self._finished(visit, _shown(visit, lambda seen: _admitted(page, seen)))

    def _answered(self, request: Request, answer: Callable[[], Response]) -> Response:
        try:
            return answer()
        except Exception as error:  # noqa: BLE001 - a traceback may quote what a log must not hold
            return self._answer_fault(request, error)

    def _look(self, page: Page, request: Request) -> Response:
        visit = self._visit(request, goes_on=not page.is_background)
        refused = self._refused(visit, page, page.needs)
        if refused is None:
            show_typed(visit)
            if not page.is_background:
                self._count_time(visit, is_act=False)
        return self._finished(visit, refused or _shown(visit, page.shows))

    def _do(self, page: Page, act: Act, request: Request, form: FormData) -> Response:
        visit = self._visit(request, form)
        refused = self._refused(visit, page, act.needs)
        if refused is None and not is_token(visit.typed("token"), visit.cookie):
            refused = _problem(visit, 403, "This form is not from your present session; open the page again.")
        return self._finished(visit, refused or self._done(visit, page, act))

    def _done(self, visit: Visit, page: Page, act: Act) -> Response:
        try:
            if act.needs_fresh_proof:
                self._prove(visit)
            answer = act.does(visit)
        except (Misconfigured, Transient):
            raise
        except (BadInput, Conflict) as error:
            visit.fault = error
            answer = _shown(visit, page.shows)
            answer.status_code = 422 if isinstance(error, BadInput) else 409
            return answer
        forget_typed(visit)
        self._count_time(visit, is_act=True)
        return answer

    def _count_time(self, visit: Visit, *, is_act: bool) -> None:
        """Count the time that cases take at the desk, where the configuration wants that."""
        if visit.signed_in is None or not visit.app.settings.desk.measure_minutes:
            return
        case_id, now = visit.request.path_params.get("case_id", ""), visit.app.now()
        if not (is_act and case_id):
            self._time.opened(visit.cookie, case_id, now)
        elif seconds := self._time.acted(visit.cookie, case_id, now):
            with suppress(RightsflowError):
                visit.app.store.work.add_desk_seconds(case_id, seconds)

    def _prove(self, visit: Visit) -> None:
        """Take the form's code or passkey where the last one is not fresh any more."""
        signed_in = visit.signed_in
        if signed_in is None or signed_in.is_fresh:
            return
        prove_afresh(visit)
        visit.signed_in = replace(signed_in, is_fresh=True)

    def _visit(self, request: Request, form: FormData | None = None, *, goes_on: bool = True) -> Visit:
        session = request.cookies.get(SESSION, "")
        signed_in = self._desk.door.known(session, goes_on=goes_on)
        cookie = session if signed_in else request.cookies.get(ANONYMOUS, "") or new_token()
        return Visit(
            request=request,
            desk=self._desk,
            cookie=cookie,
            signed_in=signed_in,
            secure=self._is_secure(request),
            form=form or FormData(),
        )

    def _refused(self, visit: Visit, page: Page, needs: Needs) -> Response | None:
        if needs is ANYBODY:
            return None
        if visit.signed_in is None:
            return _to_sign_in(visit, page)
        if needs is MEMBER or (not isinstance(needs, type(MEMBER)) and visit.may(needs)):
            return None
        return _problem(visit, 403, "Your role does not include this; ask who manages the people here.")

    def _finished(self, visit: Visit, answer: Response) -> Response:
        """Add the headers and cookies of every answer."""
        answer.headers["Cache-Control"] = "no-store"
        if visit.signed_in is None and visit.request.cookies.get(ANONYMOUS) != visit.cookie:
            set_cookie(answer, ANONYMOUS, visit.cookie, secure=visit.secure)
        if answer.status_code == 200 and SAID in visit.request.cookies:
            drop_cookie(answer, SAID, secure=visit.secure)
        return answer

    async def answer_fault(self, request: Request, error: Exception) -> Response:
        """Return a page for an error; it reveals nothing internal, and the log no personal data."""
        return await run_in_threadpool(self._answer_fault, request, error)

    def _answer_fault(self, request: Request, error: Exception) -> Response:
        status, said = _told(error)
        if status == 500:
            logger.error("a page of the desk failed: %s", without_content(error, "The page"))
        try:
            visit = self._visit(request)
            return self._finished(visit, _problem(visit, status, said))
        except RightsflowError:
            return Response(said, status, media_type="text/plain")


def _told(error: Exception) -> tuple[int, str]:
    if isinstance(error, HTTPException):
        return error.status_code, _STATUSES.get(error.status_code, "This does not work here.")
    if isinstance(error, Misconfigured | Transient):
        return 503, str(error)
    if isinstance(error, RightsflowError):
        return 404, str(error)
    return 500, _WENT_WRONG


_OK: Final = 200
_WENT_WRONG: Final = (
    "Something went wrong here; the log of the server says what. "
    "Before you try again, look whether it was done already."
)
_STATUSES: Final = {
    400: "This form cannot be read: it brings more files, or more fields, than a form has.",
    404: "There is no such page.",
    405: "This address is for a form, or for looking only; go back and use the page's own buttons.",
    408: "The form came too slowly; send it again.",
    413: "That is more than a form may hold; send less.",
    429: "There were too many calls within a minute; wait for one, and try again.",
}


def _admitted(page: Page, visit: Visit) -> Response:
    if page.admits:
        page.admits(visit)
    return Response()


def _shown(visit: Visit, shows: Shows) -> Response:
    try:
        return shows(visit)
    except (Misconfigured, Transient):
        raise
    except (BadInput, Conflict) as error:
        return _problem(visit, 404 if isinstance(error, BadInput) else 409, str(error))


def _problem(visit: Visit, status: int, said: str, way_in: str = SIGN_IN) -> Response:
    is_outward = visit.request.url.path.startswith(OUTWARD)
    return visit.show("problem.html", status=status, number=status, said=said, way_in="" if is_outward else way_in)


def _to_sign_in(visit: Visit, page: Page) -> Response:
    request = visit.request
    if request.method == "GET":
        return RedirectResponse(f"{SIGN_IN}?next={quote(asked_for(request.url))}", 303)
    back = page_of_form(request, page.path.format(**request.path_params))
    said = "You are not signed in any more, and nothing was changed. " + (
        "What you typed is kept for half an hour, encrypted: sign in again in this browser, and send it then."
        if keep_typed(visit, back)
        else "Sign in, and type it again."
    )
    return _problem(visit, 401, said, f"{SIGN_IN}?next={quote(back)}")
