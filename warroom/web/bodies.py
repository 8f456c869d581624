"""The body of a post: read no further than its limit, unpacked no further either, cut into items."""

import asyncio
import zlib

import msgspec
from fastapi import HTTPException
from starlette.requests import ClientDisconnect, Request

MAX_BODY_BYTES = 1024 * 1024  # as sent, and as unpacked: 1,000 reports of 1 KiB
MAX_ITEMS = 1_000
READ_S = 30.0  # a sender that dribbles longer than this is let go
JSON_TYPES = ("application/json",)
LINE_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines")
_BOM = b"\xef\xbb\xbf"


class _TooLarge(Exception):
    """The input would exceed its limit."""


async def read_body(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body as it was sent. Raises HTTPException 413, or 408 where it does not come to its end."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:12]) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except ClientDisconnect as error:  # nobody is there to read this
        raise HTTPException(400, "the connection broke before the body's end: send it again") from error
    except TimeoutError as error:
        raise HTTPException(408, f"the body did not arrive within {READ_S:.0f} s: send it again") from error
    return bytes(body)


def unpacked(body: bytes, coding: str, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body without its Content-Encoding (gzip or none). Raises HTTPException 400, 413 or 415."""
    if coding.strip().lower() in ("", "identity"):
        return body
    if coding.strip().lower() != "gzip":
        raise HTTPException(415, f"Content-Encoding {coding[:40]!r} is not read here: send gzip, or none")
    try:
        return _gunzip(body, limit)
    except _TooLarge as error:
        raise _too_large(limit) from error
    except (zlib.error, EOFError) as error:
        raise HTTPException(400, "the body is not gzip, or was cut off: send it again") from error


def media_type(content_type: str) -> str:
    """The checked media type. Raises HTTPException 415 for what is not read here."""
    name, _, parameters = content_type.partition(";")
    name = name.strip().lower()
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if name not in JSON_TYPES + LINE_TYPES or charset not in ("", "utf-8", "utf8", "us-ascii"):
        given = content_type[:80] or "no Content-Type"
        raise HTTPException(415, f"{given} is not read here: send application/json or application/x-ndjson, in UTF-8")
    return name


def items_of(body: bytes, media: str) -> list[bytes]:
    """The items: one object, the elements of an array, or lines. Raises HTTPException 400 or 413.

    An item that is broken stays an item; only an array that is broken as a whole cannot be cut.
    """
    body = body.removeprefix(_BOM)
    if media in LINE_TYPES:
        items = [line.removesuffix(b"\r") for line in body.split(b"\n") if line.strip()]
    elif body.lstrip()[:1] == b"[":
        try:
            items = [bytes(item) for item in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            text = (
                f"the array is not JSON ({str(error)[:120]}); nothing of it was taken. Lines (NDJSON) fail one by one"
            )
            raise HTTPException(400, text) from error
    else:
        items = [body] if body.strip() else []
    if not items and not (media in JSON_TYPES and body.strip()):
        raise HTTPException(400, "the body is empty: send one report, an array of reports, or one report a line")
    if len(items) > MAX_ITEMS:
        raise HTTPException(413, f"{len(items):,} reports at once: send at most {MAX_ITEMS:,}; nothing was taken")
    return items


def _gunzip(body: bytes, limit: int) -> bytes:
    """Every member of a gzip stream, never holding more than `limit` and one byte."""
    out = bytearray()
    while body:
        member = zlib.decompressobj(wbits=31)
        out += member.decompress(body, limit - len(out) + 1)
        if len(out) > limit:
            raise _TooLarge
        if not member.eof:
            raise EOFError
        body = member.unused_data.lstrip(b"\x00")  # gzip allows zeros behind its end
    return bytes(out)


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"more than {limit // 1024:,} KiB: send less at a time; nothing was taken")
