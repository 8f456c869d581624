"""Where a request comes from, behind a proxy too: for limits only, never for who somebody is."""

import ipaddress
import os
from collections.abc import Mapping

from starlette.requests import Request


def sender_address(request: Request, environ: Mapping[str, str] = os.environ) -> str:
    """The sender's address; of IPv6 the /64, which one household or phone has to itself.

    X-Forwarded-For is believed only where the request comes from an address of WARROOM_PROXIES (separated by
    commas), and of it only the last entry: the others can be anybody's words.
    """
    peer = _plain(request.client.host if request.client else "")
    proxies = {part.strip() for part in environ.get("WARROOM_PROXIES", "").split(",") if part.strip()}
    if peer in proxies:
        peer = _plain(request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()) or peer
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _plain(text: str) -> str:
    """An address as it is written; of one of IPv4 that a listener for both kinds shows as IPv6, the IPv4."""
    try:
        mapped = ipaddress.IPv6Address(text).ipv4_mapped
    except ValueError:
        return text
    return str(mapped or text)
