"""A request to the desk as its pages see it: the visitor, the input, the form being rendered, the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from deployments.callers import caller_of
from deployments.desk.protection import SAID, SAID_LASTS, form_token, notice_in, set_cookie, signed_notice
from deployments.desk.rendering import Rendering
from rightsflow.cases.app import App
from rightsflow.domain.accounts import Permission
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import Member
from rightsflow.signin.passkey_site import Site
from rightsflow.signin.sessions import Draft, SignedIn


@dataclass
class FormScope:
    """The forms of a page while it is written.

    Args:
        present: What tells the form apart that is written now; empty outside of forms.
        ids: The ids that stand on the page.
    """

    present: str = ""
    ids: set[str] = field(default_factory=set)

    def enter(self, key: str) -> None:
        """Begin a form.

        Args:
            key: What tells it apart.
        """
        self.present = key

    def leave(self) -> None:
        """End it."""
        self.present = ""

    def is_about(self, sent: str) -> bool:
        """Return whether messages about the form that was sent concern this form.

        Args:
            sent: What tells that form apart; empty where it is not known.
        """
        return not sent or not self.present or self.present == sent

    def field_id(self, name: str, sent: str, wrong: Collection[str]) -> str:
        """An id for a field that no other field of the page has.

        The name itself, where links to what is wrong lead, is that of the form that was sent.

        Args:
            name: The field's name.
            sent: What tells the form apart that was sent; empty for none.
            wrong: The fields of it with which something is wrong.
        """
        is_kept_free = name in wrong and not self.is_about(sent)
        found, number = name, 1
        while found in self.ids or (is_kept_free and found == name):
            number += 1
            found = f"{name}-{number}"
        self.ids.add(found)
        return found


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that no one types; a database refuses some of them."""


class Wrong(BadInput):
    """Invalid input in single fields; the page shows the fault beside each.

    Args:
        fields: What is wrong and how to put it right, by the field's name.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class NotNow(Conflict):
    """Input in single fields that conflicts with the present case; the page shows the conflict beside each.

    Args:
        fields: What does not, by the field's name.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The common resources of the pages.

    Args:
        app: Gives the application of this process.
        door: Lets people in.
        rendering: Makes pages of templates.
        resume: Lets a case's suspended run go on after a decision at a gate; returns whether there was one.
        run_address: Gives the path of Prefect's page of a case's run; empty where there is none.
        start: Starts the run of a case that was opened.
        follow: Brings what Prefect shows of a case up to date after an act without a run of its own.
        origin: Gives the desk's own address by which a request came, as the configuration has it; empty for none.
    """

    app: Callable[[], App]
    door: Door
    rendering: Rendering
    resume: Callable[[str, Gate | None], bool]
    run_address: Callable[[str], str]
    start: Callable[[str, Right], None]
    follow: Callable[[str], None]
    origin: Callable[[Request], str]


@dataclass(kw_only=True)
class Visit:
    """A request.

    Args:
        request: The request.
        desk: What the pages work with.
        cookie: The session's token, or what stands for it before there is one.
        signed_in: Who asks; ``None`` for no one.
        secure: Whether cookies are for https alone.
        form: What was typed; empty of a page that is only looked at.
        fault: Why the form was not accepted, where its page is shown again.
        draft: What was typed before the session ended, where it is shown again.
        forms: Which form of the page is written.
    """

    request: Request
    desk: Desk
    cookie: str
    signed_in: SignedIn | None
    secure: bool
    form: FormData = field(default_factory=FormData)
    fault: BadInput | Exception | None = None
    draft: Draft | None = None
    forms: FormScope = field(default_factory=FormScope)

    @property
    def sent_to(self) -> str:
        """The path of the form whose page is shown again; the page's own if none was sent."""
        return self.draft.sent_to if self.draft else self.request.url.path

    @property
    def caller(self) -> str:
        """The address of the caller."""
        return caller_of(self.request)

    @cached_property
    def app(self) -> App:
        """The application of this process; the same for all of this request, also where settings change meanwhile."""
        return self.desk.app()

    @property
    def actor(self) -> Actor:
        """The acting person, with their proof: for ``by`` of every act.

        Raises:
            BadInput: No one is signed in.
        """
        if self.signed_in is None:
            raise BadInput("You are not signed in; sign in first.")
        return self.signed_in.actor

    @property
    def seconds_left(self) -> int:
        """The seconds that the session lasts without a further request; 0 if no one is signed in."""
        return int(self.signed_in.lasts.total_seconds()) if self.signed_in else 0

    @property
    def site(self) -> Site | None:
        """The site of passkeys made or used here; ``None`` if browsers make none."""
        return Site.of(self.desk.origin(self.request))

    @property
    def has_passkey(self) -> bool:
        """True if the person has a passkey that is valid here."""
        if self.signed_in is None or (site := self.site) is None:
            return False
        return any(item.new.rp_id == site.rp_id for item in self.desk.door.passkeys.of(self.signed_in.member.key))

    @property
    def has_codes(self) -> bool:
        """True if the person has an authenticator app."""
        return self.signed_in is not None and self.desk.door.has_codes(self.signed_in.member.key)

    @property
    def provider(self) -> str:
        """The label of the identity provider's button; empty if there is no provider."""
        return self.desk.door.oidc.label

    @property
    def is_from_provider(self) -> bool:
        """True if the person signed in at the provider, so that a fresh proof is given there too."""
        return self.signed_in is not None and self.signed_in.proof is Proof.OIDC and bool(self.provider)

    @property
    def member(self) -> Member:
        """The person who is signed in.

        Raises:
            BadInput: No one is.
        """
        if self.signed_in is None:
            raise BadInput("You are not signed in; sign in first.")
        return self.signed_in.member

    def may(self, permission: Permission) -> bool:
        """Return whether the person has a permission; templates use it too.

        Args:
            permission: What.
        """
        return self.signed_in is not None and permission in self.signed_in.member.permissions

    def path(self, name: str) -> str:
        """A part of the page's own path, such as ``case_id``.

        Args:
            name: The part's name.
        """
        return str(self.request.path_params[name])

    def asked(self, name: str) -> str:
        """A value of the address's query; empty if it has none.

        Args:
            name: The value's name.
        """
        return self.request.query_params.get(name, "")

    def typed(self, name: str, otherwise: str = "") -> str:
        """Return the input of a field, also when its page is shown again.

        Args:
            name: The field's name.
            otherwise: What stands there at first.
        """
        value = self.form.get(name)
        return _CONTROLS.sub("", value) if isinstance(value, str) else otherwise

    def chosen(self, name: str) -> list[str]:
        """Return the selected values of a field with several choices.

        Args:
            name: The field's name.
        """
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> bytes:
        """The content of the file that was chosen in a field; empty for none.

        Args:
            name: The field's name.

        Raises:
            Wrong: The file is empty.
        """
        return next(iter(self.files(name)), b"")

    def files(self, name: str) -> list[bytes]:
        """The contents of the files that were chosen in a field of which several can be.

        Args:
            name: The field's name.

        Raises:
            Wrong: A file is empty.
        """
        return [content for _, content in self.named_files(name)]

    def named_files(self, name: str) -> list[tuple[str, bytes]]:
        """The names and contents of the files that were chosen in a field; the names are the sender's.

        Args:
            name: The field's name.

        Raises:
            Wrong: A file is empty.
        """
        # If no file is chosen, a browser sends a file without a name.
        chosen = [item for item in self.form.getlist(name) if not isinstance(item, str) and item.filename]
        found = [(item.filename or "", item.file.read()) for item in chosen]
        if not all(content for _, content in found):
            raise Wrong({name: "The file is empty; choose another one."})
        return found

    def needed(self, fields: Mapping[str, str]) -> None:
        """Refuse a form in which a field is empty.

        Args:
            fields: By the field's name, what to say where it is empty.

        Raises:
            Wrong: One is.
        """
        if missing := {name: said for name, said in fields.items() if not self.typed(name).strip()}:
            raise Wrong(missing)

    def said_of(self, name: str) -> str:
        """Return the fault of a field in the form being rendered; empty if there is none.

        Args:
            name: The field's name.
        """
        return self._wrong_fields.get(name, "") if self.forms.is_about(self.typed("form")) else ""

    @property
    def said_of_form(self) -> str:
        """The fault of the form being rendered, if it concerns no single field; else empty."""
        is_this = bool(self.forms.present) and self.forms.present == self.typed("form")
        return str(self.fault) if is_this and self.fault and not self._wrong_fields else ""

    @property
    def _wrong_fields(self) -> Mapping[str, str]:
        return self.fault.fields if isinstance(self.fault, Wrong | NotNow) else {}

    def shown(self, name: str, otherwise: str = "") -> str:
        """Return the value of a field in the form being rendered: the input of this form, not of another.

        Args:
            name: The field's name.
            otherwise: What stands there at first.
        """
        return self.typed(name, otherwise) if self.forms.is_about(self.typed("form")) else otherwise

    def field_id(self, name: str) -> str:
        """An id for a field that is on the page once; templates take one for each.

        Args:
            name: The field's name.
        """
        return self.forms.field_id(name, self.typed("form"), self._wrong_fields)

    @property
    def token(self) -> str:
        """The token of this session's forms."""
        return form_token(self.cookie)

    def show(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page.

        Args:
            template: Its template.
            status: The HTTP status.
            **values: What the template shows.
        """
        zone = self.app.settings.controller.zone
        text = self.desk.rendering.page(template, zone, visit=self, **values)
        return HTMLResponse(text, status)

    def go(self, path: str, said: str = "") -> Response:
        """Go to another page, after something was done.

        Args:
            path: The page.
            said: What that page says of it; nothing of a person.
        """
        answer = RedirectResponse(path, 303)
        if said:
            set_cookie(answer, SAID, signed_notice(said, self.cookie), secure=self.secure, lasts=SAID_LASTS)
        return answer

    @property
    def news(self) -> str:
        """The previous page's message about the completed action; empty if there is none."""
        return notice_in(self.request.cookies.get(SAID, ""), self.cookie)
