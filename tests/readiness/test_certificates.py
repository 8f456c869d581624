"""A real TLS server with real certificates: expired, for another name, soon over, untrusted, good."""

import datetime
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from warroom.web.guard import HEADERS, HSTS

BACK = datetime.timedelta(days=400)


class Authority:
    """Signs certificates; `pem` is what trusts them."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        own = self._builder(self.name, self.key, datetime.datetime.now(datetime.UTC) + BACK)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.cert = own.sign(self.key, hashes.SHA256())
        self.pem = self.cert.public_bytes(serialization.Encoding.PEM)

    def _builder(self, subject: x509.Name, key, ends: datetime.datetime) -> x509.CertificateBuilder:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(ends - 2 * BACK).not_valid_after(ends)
            .add_extension(identifier, critical=False).add_extension(signer, critical=False)
        )  # fmt: skip

    def write(self, path: Path, ends: datetime.datetime, host: str = "127.0.0.1") -> Path:
        """A certificate for a host, with its key, in one PEM file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "room")]), key, ends)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        kept = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        cert = builder.sign(self.key, hashes.SHA256())
        path.write_bytes(kept + cert.public_bytes(serialization.Encoding.PEM))
        return path


class Health(http.server.BaseHTTPRequestHandler):
    """Answers as the room's server does."""

    def do_GET(self) -> None:
        body = b'{"store": "ok", "day": "Small town", "screens": 2}'
        self.send_response(200)
        told = HEADERS | {"Content-Security-Policy": "default-src 'self'", "Strict-Transport-Security": HSTS}
        for name, value in told.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def serve(room, authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Serve with a certificate that ends at a time; gives the address. A second call is a renewal."""
    trust = tmp_path / "authority.pem"
    trust.write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trust))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health)

    def with_certificate(ends: datetime.datetime, host: str = "127.0.0.1") -> str:
        context.load_cert_chain(authority.write(tmp_path / "room.pem", ends, host))
        return f"https://127.0.0.1:{server.server_port}"

    with_certificate(room.place().now)
    server.handle_error = lambda *_: None  # a client that refuses the certificate hangs up
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield with_certificate
    server.shutdown()
    server.server_close()


@pytest.fixture
def real_now() -> datetime.datetime:
    """Certificates are refused by the wall clock, so these tests stand on it."""
    return datetime.datetime.now(datetime.UTC)


@pytest.fixture
def look(room, real_now):
    """Judge the pages as on the day before an election two days from now."""
    room.change("day.toml", "2026-11-03", (real_now + datetime.timedelta(days=1)).date().isoformat())
    return lambda url: room.look("web", room.place(address=url, asked=True, now=real_now))


def test_an_expired_certificate_is_red_and_renewed_it_is_green(look, serve, real_now, lights):
    found = look(serve(real_now - datetime.timedelta(days=3)))
    assert found["certificate"].light == "red" and "it ended on" in found["certificate"].what
    assert found["answer"].light == "red"
    renewed = look(serve(real_now + datetime.timedelta(days=60)))
    assert lights(renewed) == {"certificate": "green", "answer": "green", "headers": "green"}
    assert "59 days" in renewed["certificate"].what and "127.0.0.1" in renewed["certificate"].what


def test_a_certificate_for_another_name_is_red(look, serve, real_now):
    found = look(serve(real_now + datetime.timedelta(days=60), "elsewhere.example.org"))["certificate"]
    assert found.light == "red" and "elsewhere.example.org" in found.what


def test_a_certificate_that_ends_on_the_day_is_red_and_one_that_ends_soon_after_amber(look, serve, real_now):
    assert look(serve(real_now + datetime.timedelta(hours=20)))["certificate"].light == "red"
    assert look(serve(real_now + datetime.timedelta(days=5)))["certificate"].light == "amber"


def test_an_authority_that_nobody_trusts_is_red(look, serve, real_now, monkeypatch):
    address = serve(real_now + datetime.timedelta(days=60))
    monkeypatch.delenv("SSL_CERT_FILE")
    found = look(address)["certificate"]
    assert found.light == "red" and "refuse" in found.what


def test_nothing_that_speaks_tls_is_red(look, serve, real_now):
    found = look("https://127.0.0.1:1")
    assert found["certificate"].light == "red" and found["answer"].light == "red"
