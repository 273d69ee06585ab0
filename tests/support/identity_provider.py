"""A whole identity provider in a thread: discovery, keys, codes for tokens with PKCE, userinfo, leaving. It can lie."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.support.listening import listening

CLIENT, SECRET = "rightsflow-desk", "a-client-secret-of-the-tests"

DANA = {"sub": "idp|dana", "email": "dana@example.com", "email_verified": True}
"""What is said of the person who is signed in there at first."""


@cache
def key_of(_owner):
    """An RSA key, which takes a second of a busy machine to make."""
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


@dataclass
class Provider:
    """The provider.

    Args:
        now: Gives the present instant (aware).
        url: Its address, which is its issuer too.
        key: What it signs with.
        person: What it says of the person who is signed in there.
        claims: What a token says otherwise than it should; ``None`` leaves a claim out.
        header: The same for the token's header; ``alg`` of ``none`` leaves the token unsigned.
        signs_with: Another key than the published one.
        metadata: What its discovery document says otherwise than it should.
        asked: What browsers were sent there with, newest last.
        codes: What each code was given for.
        tokens: Whose each access token is.
        userinfo: What it says of the person to who has the token, besides.
    """

    now: object
    url: str = ""
    key: RSAKey = field(default_factory=lambda: key_of("the provider"))
    person: dict = field(default_factory=lambda: dict(DANA))
    claims: dict = field(default_factory=dict)
    header: dict = field(default_factory=dict)
    signs_with: object = None
    metadata: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    codes: dict = field(default_factory=dict)
    tokens: dict = field(default_factory=dict)
    userinfo: dict = field(default_factory=dict)
    is_down: bool = False
    signed_in_at: int | None = None

    def visit(self, address):
        """What a browser does that is sent there: the person signs in; returns the address it is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(query)
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        if self.signed_in_at is None or query.get("prompt") == "login":
            self.signed_in_at = int(self.now().timestamp())
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?" + urlencode({"code": code, "state": query["state"], "iss": self.url})

    def document(self):
        names = {
            "authorization_endpoint": "auth",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
            "userinfo_endpoint": "me",
            "end_session_endpoint": "end",
        }
        return {"issuer": self.url} | {name: f"{self.url}/{path}" for name, path in names.items()} | self.metadata

    def token(self, form, authorization):
        """The answer to who has a code: an ID token, if client, PKCE and redirect address are right."""
        wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        query = self.codes.pop(form.get("code", ""), None)
        if authorization != wanted or query is None or form.get("redirect_uri") != query["redirect_uri"]:
            return 401, {"error": "invalid_client"}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if query.get("code_challenge_method") != "S256" or challenge.decode().rstrip("=") != query["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        access = secrets.token_urlsafe(16)
        self.tokens[access] = dict(self.person) | self.userinfo
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.signed(query)}

    def signed(self, query):
        at = int(self.now().timestamp())
        said = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": query["nonce"],
            "auth_time": self.signed_in_at,
            "acr": "urn:example:mfa",
            "amr": ["pwd", "otp"],
            **self.person,
            **self.claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        header = {"alg": "RS256", "kid": self.key.kid} | self.header
        if header["alg"] == "none":
            parts = (json.dumps(one).encode() for one in (header, said))
            return ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts) + "."
        return jwt.encode(header, said, self.signs_with or self.key, algorithms=[header["alg"]])


@contextmanager
def running_provider(now):
    """A provider on a free port of this machine.

    Args:
        now: Gives the present instant (aware).
    """
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path, bearer = urlsplit(self.path).path, self.headers.get("Authorization", "").removeprefix("Bearer ")
            said = {
                "/.well-known/openid-configuration": provider.document,
                "/jwks": lambda: {"keys": [provider.key.as_dict(private=False)]},
                "/me": lambda: provider.tokens[bearer],
            }.get(path)
            self.answer(404 if said is None else 200, said() if said else {})

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(*provider.token(form, self.headers.get("Authorization", "")))

        def answer(self, status, said):
            body = json.dumps(said).encode()
            self.send_response(503 if provider.is_down else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with listening(Handler) as port:
        provider.url = f"http://127.0.0.1:{port}"
        yield provider
