"""Volunteers' codes in the store: digests of the short ones, and who may come in. No code, no name."""

import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from warroom.domain.codes import SOURCE, Coder, Holder, Issued, tidy
from warroom.store import keys
from warroom.store.client import Client, as_text

_holder = msgspec.json.Decoder(Holder)
SHORTEST_KEY = 16


class NoCodeKeyError(Exception):
    """There is nothing to make codes from; the text says what to do."""


class UnknownVolunteerError(Exception):
    """A volunteer who is not of this day; the text says what to do."""


def code_secret(url: str, environ: Mapping[str, str] = os.environ) -> bytes:
    """What codes are derived from: WARROOM_CODE_KEY, else the store's own password.

    The embedded store keeps its password with its data, so codes outlive a restart. Raises NoCodeKeyError.
    """
    key = environ.get("WARROOM_CODE_KEY", "") or (urlsplit(url).password or "")
    if len(key) < SHORTEST_KEY:
        raise NoCodeKeyError(
            f"volunteers' codes need a secret: set WARROOM_CODE_KEY ({SHORTEST_KEY} characters or more) for "
            "`warroom codes` and for `warroom web`, the same one"
        )
    return key.encode()


class CodeStore:
    """Who holds which code. Only `issue` and `renew` give codes, and only to who asks on the command line."""

    def __init__(self, client: Client, coder: Coder) -> None:
        self._client = client
        self._coder = coder

    def issue(self, volunteers: Iterable[str]) -> list[Issued]:
        """A code for everyone: the one they have, or a first one. Revoked ones are left out."""
        held = self._holders()
        taken = {as_text(d): as_text(ref) for d, ref in self._client.hgetall(keys.CODES).items()}
        found: list[Issued] = []
        new: dict[str, bytes] = {}
        for volunteer in sorted(set(volunteers)):
            ref = self._coder.ref(volunteer)
            holder = held.get(ref)
            if holder is None:
                holder = self._free(Holder(volunteer=volunteer), ref, taken)
                new[ref] = msgspec.json.encode(holder)
            if not holder.revoked:
                found.append(self._issued(holder))
        self._put(new, {d: ref for d, ref in taken.items() if ref in new})
        return found

    def renew(self, volunteer: str) -> Issued:
        """A new code; every earlier one is dead at once. Raises UnknownVolunteerError."""
        old = self._known(volunteer)
        ref = self._coder.ref(volunteer)
        taken = {as_text(d): as_text(r) for d, r in self._client.hgetall(keys.CODES).items()}
        holder = self._free(Holder(volunteer=volunteer, generation=(old.generation if old else 0) + 1), ref, taken)
        digest = self._coder.digest(self._coder.code(holder))
        self._put({ref: msgspec.json.encode(holder)}, {digest: ref}, dead=self._digests(old))
        return self._issued(holder)

    def revoke(self, volunteer: str) -> None:
        """Nobody comes in by this volunteer's codes any more. Raises UnknownVolunteerError."""
        old = self._known(volunteer) or Holder(volunteer=volunteer)
        gone = msgspec.structs.replace(old, revoked=True)
        self._put({self._coder.ref(volunteer): msgspec.json.encode(gone)}, {}, dead=self._digests(old))

    def by_token(self, token: str) -> Holder | None:
        """Who holds this long code; None where it is wrong, renewed, revoked or of somebody not of this day."""
        if not token.isascii() or len(token) > 64:
            return None
        holder = self._holder(token.partition(".")[0])
        return holder if holder is not None and self._coder.opens(token, holder) and self._serves(holder) else None

    def by_code(self, typed: str) -> tuple[Holder, str] | None:
        """Who holds this short code, and their long one, which the phone keeps from then on."""
        code = tidy(typed)
        ref = self._client.hget(keys.CODES, self._coder.digest(code)) if code else None
        holder = self._holder(as_text(ref)) if ref is not None else None
        if holder is None or holder.revoked or not self._serves(holder):
            return None
        return holder, self._coder.token(holder)

    def source(self, holder: Holder) -> str:
        """What this volunteer's reports are from: `phone/` and a reference that is not their id."""
        return SOURCE + self._coder.ref(holder.volunteer)

    def _serves(self, holder: Holder) -> bool:
        return bool(self._client.hexists(keys.VOLUNTEERS, holder.volunteer))

    def _holder(self, ref: str) -> Holder | None:
        raw = self._client.hget(keys.CODE_HOLDERS, ref)
        return _holder.decode(raw) if raw is not None else None

    def _holders(self) -> dict[str, Holder]:
        return {as_text(r): _holder.decode(raw) for r, raw in self._client.hgetall(keys.CODE_HOLDERS).items()}

    def _known(self, volunteer: str) -> Holder | None:
        old = self._holder(self._coder.ref(volunteer))
        if old is None and not self._client.hexists(keys.VOLUNTEERS, volunteer):
            raise UnknownVolunteerError(f"no volunteer {volunteer!r} on this day: see volunteers.csv")
        return old

    def _free(self, holder: Holder, ref: str, taken: dict[str, str]) -> Holder:
        """The holder with a code that nobody else has, and that code's digest noted in `taken`."""
        while taken.setdefault(self._coder.digest(self._coder.code(holder)), ref) != ref:
            holder = msgspec.structs.replace(holder, salt=holder.salt + 1)
        return holder

    def _digests(self, holder: Holder | None) -> list[str]:
        return [self._coder.digest(self._coder.code(holder))] if holder is not None else []

    def _issued(self, holder: Holder) -> Issued:
        return Issued(volunteer=holder.volunteer, code=self._coder.code(holder), token=self._coder.token(holder))

    def _put(self, holders: dict[str, bytes], digests: dict[str, str], dead: Iterable[str] = ()) -> None:
        with self._client.pipeline(transaction=True) as pipe:
            for digest in dead:
                pipe.hdel(keys.CODES, digest)
            if holders:
                pipe.hset(keys.CODE_HOLDERS, mapping=holders)
            if digests:
                pipe.hset(keys.CODES, mapping=digests)
            pipe.execute()


def senders(client: Client) -> dict[str, str]:
    """{source of a phone's reports: volunteer}, for who counts what a volunteer has sent."""
    rows: dict[Any, bytes] = client.hgetall(keys.CODE_HOLDERS)
    return {SOURCE + as_text(ref): _holder.decode(raw).volunteer for ref, raw in rows.items()}
