"""The desk's client of an identity provider: addresses, a token for a code, and the verified claims of that token.

OpenID Connect Core 1.0 (code flow), Discovery 1.0, PKCE (RFC 7636), the issuer in the answer (RFC 9207). No state is
stored between two sign-ins, so that a changed key of the provider is effective at once.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from rightsflow.config.sections.desk_settings import OidcSettings
from rightsflow.config.sections.section import encrypted_endpoint
from rightsflow.domain.errors import BadInput, Misconfigured, Transient
from rightsflow.signin.oidc_answer import Asked, Proven

_SIGNED_BY: Final = [*(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)), "EdDSA"]
"""Signatures that the client cannot make itself: neither ``none`` nor those by a shared secret."""
_SECONDS: Final = (5, 10)
"""To connect, and between two bytes."""
_PIECE: Final = 16 * 1024
_LARGEST: Final = 1024 * 1024
"""Bytes of an answer."""
_LEEWAY: Final = 60
"""By how many seconds the provider's clock may differ."""
_MOST_SHOWN: Final = 100
_NOT_TAKEN: Final = "The identity provider's answer does not fit; start again."


class OidcProvider:
    """An identity provider.

    Args:
        settings: Which.
        now: The present instant (aware).
    """

    def __init__(self, settings: OidcSettings, now: datetime) -> None:
        self._settings = settings
        self._now = now

    def address(self, asked: Asked) -> str:
        """Return the address that the browser is sent to.

        Args:
            asked: What the answer will have to fit.

        Raises:
            Transient: The provider does not answer.
            Misconfigured: It is another one than the file says.
        """
        more: dict[str, str] = {"nonce": asked.nonce}
        if asked.is_afresh:
            # Both: some providers heed one of them alone. What the token says of the time is checked in any case.
            more |= {"prompt": "login", "max_age": "0"}
        if self._settings.acr:
            more["acr_values"] = " ".join(self._settings.acr)
        where = self._endpoint(self._metadata(), "authorization_endpoint")
        with self._session(asked) as session:
            url, _ = session.create_authorization_url(where, state=asked.state, code_verifier=asked.verifier, **more)
        return str(url)

    def address_to_leave(self, back: str) -> str:
        """Return the address at which a browser signs out at the provider; empty if the provider has none.

        Args:
            back: Where it may come back to.

        Raises:
            Transient: The provider does not answer.
            Misconfigured: It is another one than the file says.
        """
        metadata = self._metadata()
        if not metadata.get("end_session_endpoint"):
            return ""
        query = {"client_id": self._settings.client_id, "post_logout_redirect_uri": back}
        prepared = requests.Request("GET", self._endpoint(metadata, "end_session_endpoint"), params=query).prepare()
        return str(prepared.url)

    def proven(self, asked: Asked, answer: Mapping[str, str]) -> Proven:
        """Return the facts that the provider's answer proves.

        Args:
            asked: What the browser was sent there with.
            answer: What the browser came back with.

        Raises:
            BadInput: It fits not what was asked, or the person did not sign in.
            Transient: The provider does not answer.
            Misconfigured: It is another one than the file says.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), asked.state.encode()):
            raise BadInput(_NOT_TAKEN)
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise BadInput(_NOT_TAKEN)
        if "error" in answer or not answer.get("code"):
            raise BadInput("You were not signed in there; start again.")
        metadata = self._metadata()
        token = self._token(metadata, asked, answer["code"])
        claims = self._claims(metadata, asked, token)
        if self._settings.claim == "email" and "email" not in claims:
            claims = claims | self._of_person(metadata, claims, token)
        return self._read(asked, claims)

    def _metadata(self) -> Mapping[str, object]:
        metadata = self._fetched(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if metadata.get("issuer") != self._settings.issuer:
            raise Misconfigured("The identity provider names another issuer than [desk.oidc] issuer; correct it there.")
        return metadata

    def _token(self, metadata: Mapping[str, object], asked: Asked, code: str) -> Mapping[str, object]:
        where = self._endpoint(metadata, "token_endpoint")
        try:
            with self._session(asked) as session:
                token = session.fetch_token(
                    where, code=code, code_verifier=asked.verifier, timeout=_SECONDS, allow_redirects=False
                )
        except requests.RequestException:
            raise _no_answer() from None
        except (AuthlibBaseError, ValueError):
            raise BadInput(_NOT_TAKEN) from None
        return dict(token)

    def _claims(self, metadata: Mapping[str, object], asked: Asked, token: Mapping[str, object]) -> dict[str, object]:
        """Return the claims of the ID token, after checking its signature, issuer, audience, times and nonce."""
        options: Any = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        params = {
            "nonce": asked.nonce,
            "client_id": self._settings.client_id,
            "access_token": token.get("access_token"),
        }
        try:
            keys = KeySet.import_key_set(self._fetched(self._endpoint(metadata, "jwks_uri")))  # type: ignore[arg-type]
            read = jwt.decode(str(token.get("id_token", "")), keys, algorithms=_SIGNED_BY)
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=int(self._now.timestamp()), leeway=_LEEWAY)
        except (AuthlibBaseError, JoseError, ValueError, TypeError, KeyError):
            raise BadInput(_NOT_TAKEN) from None
        return dict(claims)

    def _of_person(
        self, metadata: Mapping[str, object], claims: Mapping[str, object], token: Mapping[str, object]
    ) -> dict[str, object]:
        """Return the person's address from the provider's interface, if the token itself has none."""
        bearer = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        userinfo = self._fetched(self._endpoint(metadata, "userinfo_endpoint"), bearer)
        if userinfo.get("sub") != claims["sub"]:
            raise BadInput(_NOT_TAKEN)
        return {name: userinfo[name] for name in ("email", "email_verified") if name in userinfo}

    def _read(self, asked: Asked, claims: Mapping[str, object]) -> Proven:
        when = claims.get("auth_time")
        if asked.is_afresh and (not isinstance(when, int) or when < asked.at.timestamp() - _LEEWAY):
            raise BadInput("The identity provider did not ask you anew who you are, so this is no fresh proof.")
        acr = str(claims.get("acr", ""))
        if self._settings.acr and acr not in self._settings.acr:
            raise BadInput("You were signed in there by less than this desk asks for; use a second factor there.")
        # Only what the provider calls verified, and no text that says so.
        is_verified = claims.get("email_verified") is True
        amr = claims.get("amr")
        return Proven(
            subject=str(claims["sub"]),
            email=str(claims.get("email", "")) if is_verified else "",
            proved_at=datetime.fromtimestamp(min(when, self._now.timestamp()), self._now.tzinfo)
            if isinstance(when, int)
            else None,
            acr=_shown(acr),
            amr=_shown(" ".join(map(str, amr))) if isinstance(amr, list) else "",
        )

    def _session(self, asked: Asked) -> OAuth2Session:
        settings = self._settings
        return OAuth2Session(
            settings.client_id,
            settings.client_secret.reveal() if settings.client_secret else None,
            scope="openid email" if settings.claim == "email" else "openid",
            redirect_uri=asked.back,
            code_challenge_method="S256",
        )

    def _endpoint(self, metadata: Mapping[str, object], name: str) -> str:
        """Return an address that the provider names: encrypted, as its own."""
        url = metadata.get(name)
        try:
            encrypted_endpoint(str(url).partition("?")[0])
        except ValueError:
            raise Misconfigured(f"The identity provider names no {name} with https; look at its settings.") from None
        return str(url)

    def _fetched(self, url: str, headers: Mapping[str, str] | None = None) -> Mapping[str, object]:
        try:
            asked = requests.get(url, headers=dict(headers or {}), timeout=_SECONDS, allow_redirects=False, stream=True)
            with asked as answer:
                answer.raise_for_status()
                document = json.loads(_short_body(answer))
        except (requests.RequestException, ValueError):
            raise _no_answer() from None
        if answer.status_code != requests.codes.ok or not isinstance(document, dict):
            raise _no_answer()
        return document


def _short_body(answer: requests.Response) -> bytes:
    """Return the decompressed body; none of these exceeds a few kilobytes."""
    body = b""
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > _LARGEST:
            raise ValueError("too long")
    return body


def _no_answer() -> Transient:
    return Transient("The identity provider does not answer as it should; try again.", system="identity provider")


def _shown(text: str) -> str:
    """Return the printable, shortened form of a word from the provider."""
    return "".join(item for item in text if item.isprintable())[:_MOST_SHOWN]
