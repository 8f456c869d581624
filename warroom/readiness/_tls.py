"""The certificate that a server shows, and whether a browser would trust it."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Certificate:
    """When it ends and for which names it is; `trouble` is why it is not trusted, '' where it is."""

    ends: datetime | None
    names: tuple[str, ...] = ()
    trouble: str = ""


def context() -> ssl.SSLContext:
    """What this system trusts; SSL_CERT_FILE names other authorities."""
    return ssl.create_default_context()


def certificate_of(host: str, port: int) -> Certificate:
    """The certificate shown for this name. Raises nothing: what goes wrong is its trouble."""
    trouble = ""
    try:
        return _read(_shown(host, port, context()), "")
    except ssl.SSLCertVerificationError as error:
        trouble = error.verify_message
    except (OSError, ValueError) as error:
        return Certificate(None, trouble=str(error) or type(error).__name__)
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE  # only to say what is wrong with it: nothing is sent
    try:
        return _read(_shown(host, port, unchecked), trouble)
    except (OSError, ValueError) as error:
        return Certificate(None, trouble=f"{trouble}; {error}")


def _shown(host: str, port: int, how: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection((host, port), timeout=TIMEOUT_S) as plain,
        how.wrap_socket(plain, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    if shown is None:
        raise ValueError("no certificate")
    return shown


def _read(raw: bytes, trouble: str) -> Certificate:
    found = x509.load_der_x509_certificate(raw)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = tuple(str(name.value) for name in names)
    except x509.ExtensionNotFound:
        listed = ()
    return Certificate(found.not_valid_after_utc, listed, trouble)
