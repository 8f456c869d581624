"""A Kafka feed's URL and options: where the brokers are, how to prove who we are. Pure but for the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from feeds._url import FeedURLError, choice, yes_no

SECURITY = ("tls", "cafile", "certfile", "keyfile", "key_password_env", "sasl", "username", "password_env")
SASL = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_SECRETS = {
    "password",
    "passwd",
    "secret",
    "token",
    "key_password",
    "sasl_plain_password",
    "ssl_password",
    "sasl_password",
}


@dataclass(frozen=True)
class Source:
    """Brokers as host:port, and topics."""

    brokers: tuple[str, ...]
    topics: tuple[str, ...]


def refuse_secrets(url: str, options: Mapping[str, Any]) -> None:
    """Raises FeedURLError, without repeating it, where a URL or an option holds a secret."""
    parts = urlsplit(url)
    named = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)} | {n.lower() for n in options}
    if "@" in parts.netloc or named & _SECRETS:
        raise FeedURLError(
            "kafka: secrets stand neither in a URL nor in feeds.toml, where others read them: put the password into an "
            "environment variable and name that: username=warroom&password_env=KAFKA_PASSWORD."
        )


def source_of(url: str) -> Source:
    """Brokers and topics of kafka://host:port[,host:port]/topic[,topic]. Raises FeedURLError."""
    parts = urlsplit(url)
    brokers = tuple(broker for broker in parts.netloc.split(",") if broker)
    topics = tuple(topic for topic in unquote(parts.path).strip("/").split(",") if topic)
    example = "write kafka://broker:9092/topic, with several of either separated by commas."
    if not brokers:
        raise FeedURLError(f"{url}: names no broker; {example}")
    for broker in brokers:
        host, _, port = broker.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise FeedURLError(f"{url}: {broker!r} is no host:port; {example}")
    if not topics:
        raise FeedURLError(f"{url}: names no topic; {example}")
    for topic in topics:
        if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
            raise FeedURLError(f"{url}: {topic!r} is no name of a topic (letters, digits, dot, dash, underscore).")
    return Source(brokers, topics)


def client_settings(
    url: str, source: Source, options: Mapping[str, Any], environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Keyword arguments for a consumer or a producer of kafka-python. Raises FeedURLError.

    `tls` 1 uses the system's authorities, or those in `cafile`; `certfile` and `keyfile` are a client's own.
    """
    files = {name: _file(url, name, options) for name in ("cafile", "certfile", "keyfile") if options.get(name)}
    tls = yes_no(url, options, "tls", bool(files))
    if files and not tls:
        raise FeedURLError(f"{url}: {next(iter(files))} has no use without TLS; write tls=1.")
    sasl = choice(url, options, "sasl", ("", *SASL), "")
    protocol = ("SASL_" if sasl else "") + ("SSL" if tls else "PLAINTEXT")
    settings: dict[str, Any] = {"bootstrap_servers": list(source.brokers), "security_protocol": protocol}
    settings |= {f"ssl_{name}": path for name, path in files.items()}
    if options.get("key_password_env"):
        settings["ssl_password"] = _secret(url, "key_password_env", options, environ)
    if sasl:
        local = all(broker.rpartition(":")[0] in _LOCAL for broker in source.brokers)
        if sasl == "PLAIN" and not tls and not local:
            raise FeedURLError(f"{url}: PLAIN without TLS sends the password in the clear; write tls=1, or use SCRAM.")
        if not options.get("username"):
            raise FeedURLError(f"{url}: sasl={sasl} needs username=NAME and password_env=VARIABLE.")
        settings |= {"sasl_mechanism": sasl, "sasl_plain_username": str(options["username"])}
        settings["sasl_plain_password"] = _secret(url, "password_env", options, environ)
    elif options.get("username") or options.get("password_env"):
        raise FeedURLError(f"{url}: a username without a mechanism; write sasl=SCRAM-SHA-512, or what the broker has.")
    return settings


def _file(url: str, name: str, options: Mapping[str, Any]) -> str:
    path = Path(str(options[name]))
    if not path.is_file():
        raise FeedURLError(f"{url}: {name}={path} is no file; give the path of a PEM file.")
    return str(path)


def _secret(url: str, name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    variable = str(options.get(name) or "")
    if not environ.get(variable):
        said = f"{name}={variable}: not set in the environment" if variable else f"{name} is missing"
        raise FeedURLError(f"{url}: {said}; set the variable that it names before the feed starts.")
    return environ[variable]
