"""Single sign-on against a provider of our own on this machine, with real RS256 tokens, true ones and false ones."""

import base64
import hashlib
import json
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from tests.access.conftest import KEYED
from warroom.access.roles import Grant
from warroom.access.shared_keys import COOKIE, AccessError
from warroom.web.app import create_app
from warroom.web.oidc import Provider

CLIENT, SECRET = "warroom", "client-secret-0123456789"


@cache
def rsa_keys() -> tuple[RSAKey, RSAKey]:
    """The provider's key, and a stranger's of the same name."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}), RSAKey.generate_key(2048, {"kid": "one"})


class LocalProvider:
    """An OpenID provider as the specification describes it: discovery, keys, token endpoint with PKCE."""

    def __init__(self) -> None:
        self.key, self.stranger = rsa_keys()
        self.codes: dict[str, dict[str, str]] = {}
        self.spoil: dict[str, object] = {}  # claims that replace the right ones
        self.sign_with, self.algorithm = self.key, "RS256"
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _json(self, body: object, status: int = 200) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def do_GET(self) -> None:
                if self.path.startswith("/.well-known"):
                    url = provider.url
                    self._json({"issuer": url, "authorization_endpoint": f"{url}/authorize",
                                "token_endpoint": f"{url}/token", "jwks_uri": f"{url}/keys"})  # fmt: skip
                else:
                    self._json({"keys": [provider.key.as_dict(private=False)]})

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                self._json(*provider.token(form, self.headers.get("authorization", "")))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def authorize(self, address: str, email: str) -> dict[str, str]:
        """What the person does at the provider: signs in there; gives what the browser carries back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        self.codes["code-1"] = {**asked, "email": email}
        return {"code": "code-1", "state": asked["state"]}

    def token(self, form: dict[str, list[str]], authorization: str) -> tuple[object, int]:
        asked = self.codes.pop(form["code"][0], None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"][0].encode()).digest()).rstrip(b"=")
        if asked is None or authorization != f"Basic {basic}" or challenge.decode() != asked["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
                  "email": asked["email"], "email_verified": True, **self.spoil}  # fmt: skip
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, claims, self.sign_with, algorithms=["RS256", "HS256"])
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}, 200


@pytest.fixture
def provider():
    local = LocalProvider()
    yield local
    local.server.shutdown()
    local.server.server_close()


@pytest.fixture
def room(server, loaded, audit_file, provider, monkeypatch):
    told = {"ISSUER": provider.url, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "URL": "http://localhost:8050",
            "NAME": "Example campaign"}  # fmt: skip
    for name, value in told.items():
        monkeypatch.setenv(f"WARROOM_OIDC_{name}", value)
    app = create_app(server.url, KEYED)
    return TestClient(app, base_url="http://localhost:8050", follow_redirects=False)


def sign_in(room, provider, email="ana@example.org", **changed):
    address = room.get("/signin/oidc").headers["location"]
    return room.get("/signin/oidc/back", params={**provider.authorize(address, email), **changed})


def test_who_was_invited_comes_in_with_the_role_that_was_granted_here(room, provider, invited):
    invited("ana@example.org", Grant("director"), oidc=True)
    assert "Sign in with Example campaign" in room.get("/signin").text
    answer = sign_in(room, provider, "Ana@Example.org")
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    me = room.get("/api/v1/me").json()
    assert (me["account"], me["door"], me["roles"]) == ("ana@example.org", "single sign-on", ["director"])


@pytest.mark.parametrize("spoil", [
    {"iss": "https://evil.example"}, {"aud": "another client"}, {"aud": []}, {"exp": 1_000}, {"nonce": "another"},
    {"nonce": None}, {"email_verified": False}, {"email_verified": "true"}, {"email": None}, {"azp": "another client"},
    {"email": "eve@example.org"},
], ids=str)  # fmt: skip
def test_a_token_that_says_something_else_opens_nothing(room, provider, invited, spoil):
    invited("ana@example.org", Grant("director"), oidc=True)
    provider.spoil = spoil
    assert sign_in(room, provider).status_code == 401
    assert COOKIE not in room.cookies


def test_a_token_signed_by_somebody_else_opens_nothing(room, provider, invited):
    invited("ana@example.org", Grant("director"), oidc=True)
    provider.sign_with = provider.stranger
    assert sign_in(room, provider).status_code == 401


def test_a_token_signed_with_the_public_key_as_a_secret_opens_nothing(room, provider, invited):
    """The classic confusion of algorithms: HS256 keyed with what everybody can read."""
    from joserfc.jwk import OctKey

    invited("ana@example.org", Grant("director"), oidc=True)
    provider.algorithm = "HS256"
    provider.sign_with = OctKey.import_key(base64.urlsafe_b64encode(provider.key.as_bytes(private=False)).decode())
    assert sign_in(room, provider).status_code == 401


def test_an_account_that_was_not_invited_for_it_stays_out(room, provider, invited):
    invited("ana@example.org", Grant("director"))
    assert sign_in(room, provider).status_code == 401
    assert sign_in(room, provider, "nobody@example.org").status_code == 401


def test_an_account_without_a_live_role_stays_out(room, provider, invited):
    invited("ana@example.org", Grant("director", until_ms=1_000), oidc=True)
    assert sign_in(room, provider).status_code == 401


def test_a_sign_in_that_was_begun_elsewhere_is_refused(room, provider, invited):
    """Login CSRF: somebody sends a person a link with a code of their own."""
    invited("ana@example.org", Grant("director"), oidc=True)
    assert sign_in(room, provider, state="of-somebody-else").status_code == 401
    address = room.get("/signin/oidc").headers["location"]
    back = provider.authorize(address, "ana@example.org")
    room.cookies.clear()
    assert room.get("/signin/oidc/back", params=back).status_code == 401


def test_a_code_is_good_once(room, provider, invited):
    invited("ana@example.org", Grant("director"), oidc=True)
    address = room.get("/signin/oidc").headers["location"]
    back = provider.authorize(address, "ana@example.org")
    held = dict(room.cookies)
    assert room.get("/signin/oidc/back", params=back).status_code == 200
    room.cookies.update(held)
    assert room.get("/signin/oidc/back", params=back).status_code == 401


def test_a_provider_that_is_away_does_not_keep_the_room_shut(room, provider):
    provider.server.shutdown()
    provider.server.server_close()
    answer = room.get("/signin/oidc")
    assert answer.status_code == 503
    assert "password" in answer.text


def test_settings_are_whole_and_over_tls():
    whole = {"WARROOM_OIDC_ISSUER": "https://id.example", "WARROOM_OIDC_CLIENT_ID": "a",
             "WARROOM_OIDC_CLIENT_SECRET": "b", "WARROOM_OIDC_URL": "https://room.example"}  # fmt: skip
    assert Provider.from_environment(whole).back == "https://room.example/signin/oidc/back"
    assert Provider.from_environment({}) is None
    for name in whole:
        if name != "WARROOM_OIDC_ISSUER":
            with pytest.raises(AccessError, match=name):
                Provider.from_environment({**whole, name: ""})
    for here in ("http://localhost/x", "http://[::1]:80", "http://127.0.0.1:9"):
        assert Provider.from_environment({**whole, "WARROOM_OIDC_ISSUER": here}) is not None
    for plain in ("http://id.example", "http://localhost@id.example", "http://[::1", "https://", "id.example"):
        with pytest.raises(AccessError, match="https"):
            Provider.from_environment({**whole, "WARROOM_OIDC_ISSUER": plain})
