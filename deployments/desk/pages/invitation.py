"""Redeeming an invitation: a password, and an app that shows codes."""

from __future__ import annotations

from markupsafe import Markup
from starlette.responses import Response

from deployments.desk.addresses import HOME
from deployments.desk.page import ANYBODY, page
from deployments.desk.pages.signing_in import JSON, signed_in_by
from deployments.desk.visit import Visit
from rightsflow.domain.accounts import SHORTEST_PASSWORD
from rightsflow.signin.invitations import address


@page("/invitation/{invitation}", needs=ANYBODY)
def invitation(visit: Visit) -> Response:
    """The form of an invitation."""
    member, secret = visit.desk.door.invited(visit.path("invitation"))
    return visit.show(
        "invitation.html",
        member=member,
        picture=picture_of(secret, member.name),
        spelt=spelt(secret),
        shortest=SHORTEST_PASSWORD,
    )


def picture_of(secret: str, name: str) -> Markup:
    """Return the picture from which an app takes a secret.

    Args:
        secret: The secret, base 32.
        name: The person's name, as the app shows it.
    """
    # Late: it is needed once for each person.
    import segno  # noqa: PLC0415

    drawn = segno.make(address(secret, name), error="m")
    # Safe: made here from characters of base 32 and an encoded name.
    return Markup(drawn.svg_inline(scale=4, border=4, omitsize=False, svgclass="code", lineclass=None))  # noqa: S704


def spelt(secret: str) -> str:
    """Return a secret in groups of four, to be typed.

    Args:
        secret: The secret, base 32.
    """
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


@invitation.act(needs=ANYBODY)
def redeem(visit: Visit) -> Response:
    """Make the account, and sign its person in."""
    visit.needed(
        {
            "password": "Choose a password.",
            "again": "Type the password again.",
            "code": "Type the code that the app shows.",
        }
    )
    token = visit.desk.door.redeem(
        visit.path("invitation"),
        password=visit.typed("password"),
        again=visit.typed("again"),
        code=visit.typed("code"),
        session=visit.cookie,
    )
    return signed_in_by(visit, token, HOME)


@invitation.act("/passkey-options", needs=ANYBODY)
def ask_passkey(visit: Visit) -> Response:
    """Return the browser's options for making a passkey."""
    asked = visit.desk.door.passkeys.to_redeem(visit.path("invitation"), visit.site, visit.cookie)
    return Response(asked, media_type=JSON)


@invitation.act("/passkey", needs=ANYBODY)
def redeem_by_passkey(visit: Visit) -> Response:
    """Make the account with a passkey, and sign its person in."""
    token = visit.desk.door.passkeys.redeem(
        visit.path("invitation"),
        answer=visit.typed("new_passkey"),
        name=visit.typed("passkey_name"),
        site=visit.site,
        holder=visit.cookie,
    )
    return signed_in_by(visit, token, HOME)
