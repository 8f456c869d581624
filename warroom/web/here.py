"""Whether a request was made on this machine: an open room asks nobody who they are, and answers no other."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from warroom.access.shared_keys import loopback

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


def is_here(scope: Scope) -> bool:
    """From a loopback peer, by this machine's own name, and passed on by no proxy that shows.

    The name alone is not believed: a page elsewhere can point its own name at us, and a proxy may put its upstream's
    in place of what it was asked for. nginx as it comes does so, says nothing of the visitor, and (before 1.29.7)
    speaks HTTP/1.0, which no browser does.
    """
    headers = Headers(scope=scope)
    name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    peer = (scope.get("client") or ("",))[0]
    passed_on = any(header in headers for header in FORWARDED) or scope.get("http_version") == "1.0"
    return loopback(name) and loopback(peer) and not passed_on
