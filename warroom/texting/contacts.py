"""The campaign's list in the store: people encrypted, lists by precinct without names, opt-outs by digest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from warroom.domain.texts import Audience
from warroom.purge import purge_contacts
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.texting.contactlist import Person
from warroom.texting.guards import Recipient
from warroom.texting.proposer import put_counts
from warroom.texting.vault import Digests, Reachable, Vault, VaultError

BATCH = 1_000


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """One person on a precinct's list: a reference, a digest of the number, and what a rule may choose by."""

    ref: str
    digest: str
    band: str
    language: str
    timezone: str


_lists = msgspec.json.Decoder(list[Listed])


def listed_in(client: Client, audience: Audience) -> dict[str, list[str]]:
    """{precinct: references of the people an audience asks for}; needs no key. Empty after a purge."""
    found = {}
    for precinct in audience.precincts:
        raw = client.hget(keys.TEXT_LISTS, precinct)
        found[precinct] = [
            one.ref
            for one in (_lists.decode(raw) if raw else [])
            if (not audience.bands or one.band in audience.bands)
            and (not audience.languages or one.language in audience.languages)
        ]
    return found


class ContactStore:
    """The list as texting uses it. Only the sender and an export open a person."""

    def __init__(self, client: Client, wrapping: bytes) -> None:
        self._client = client
        self._wrapping = wrapping
        self.digests = Digests(wrapping)
        self._vault: Vault | None = None

    @property
    def vault(self) -> Vault:
        """The open vault. Raises VaultError where no list was loaded, or with another key."""
        if self._vault is None:
            wrapped = self._client.get(keys.TEXT_KEY)
            if wrapped is None:
                raise VaultError("no list is loaded: run `warroom text load DAY_DIR`")
            self._vault = Vault(self._wrapping, wrapped)
        return self._vault

    def load(self, people: Iterable[Person]) -> int:
        """Replace the list; opt-outs stay and the list's own are added. Returns how many people it has."""
        wrapped = Vault.wrap_new(self._wrapping)
        vault = Vault(self._wrapping, wrapped)
        self._client.delete(keys.TEXT_PEOPLE_NEXT)
        lists: dict[str, list[Listed]] = defaultdict(list)
        closed: dict[str, bytes] = {}
        gone: list[str] = []
        for person in people:
            ref, digest = vault.ref(person.contact_id), vault.digest(person.phone)
            lists[person.precinct].append(Listed(ref, digest, person.band, person.language, person.timezone))
            closed[ref] = vault.close(ref, Reachable(person.contact_id, person.phone, person.first_name))
            if person.opted_out:
                gone.append(digest)
            if len(closed) >= BATCH:
                self._client.hset(keys.TEXT_PEOPLE_NEXT, mapping=closed)
                closed = {}
        if closed:
            self._client.hset(keys.TEXT_PEOPLE_NEXT, mapping=closed)
        with self._client.pipeline(transaction=True) as pipe:  # at once: a sender may be at work on the list
            pipe.delete(keys.TEXT_PEOPLE, keys.TEXT_LISTS)
            if lists:
                pipe.rename(keys.TEXT_PEOPLE_NEXT, keys.TEXT_PEOPLE)
                pipe.hset(keys.TEXT_LISTS, mapping={p: msgspec.json.encode(listed) for p, listed in lists.items()})
            if gone:
                pipe.sadd(keys.TEXT_OPT_OUTS, *gone)
            pipe.set(keys.TEXT_KEY, wrapped)
            pipe.execute()
        self._vault = vault
        self.count()
        return sum(map(len, lists.values()))

    def count(self) -> None:
        """Count the list anew by precinct, band and language, without those who opted out."""
        gone = {as_text(d) for d in self._client.smembers(keys.TEXT_OPT_OUTS)}
        counts: dict[str, dict[tuple[str, str], int]] = {}
        for precinct, raw in self._client.hscan_iter(keys.TEXT_LISTS):
            cells: dict[tuple[str, str], int] = defaultdict(int)
            for listed in _lists.decode(raw):
                if listed.digest not in gone:
                    cells[listed.band, listed.language] += 1
            counts[as_text(precinct)] = dict(cells)
        put_counts(self._client, counts)

    def recipients(self, precincts: Iterable[str]) -> Iterator[tuple[Listed, Recipient]]:
        """Everyone listed in these precincts, as the guards see them, opt-outs and messages had as of now."""
        for precinct in precincts:
            raw = self._client.hget(keys.TEXT_LISTS, precinct)
            listed = _lists.decode(raw) if raw else []
            if not listed:
                continue
            digests = [one.digest for one in listed]
            gone = self._client.smismember(keys.TEXT_OPT_OUTS, digests)
            had = self._client.hmget(keys.TEXT_HAD, digests)
            for one, out, count in zip(listed, gone, had, strict=True):
                yield one, Recipient(
                    precinct=precinct, band=one.band, language=one.language, timezone=one.timezone,
                    opted_out=bool(out), texts_had=int(count or 0),
                )  # fmt: skip

    def reach(self, ref: str) -> Reachable | None:
        """One person opened, for sending; None where the list no longer has them. Raises VaultError."""
        try:
            return self._open(ref)
        except VaultError:  # the list was loaded again meanwhile, by another process: it has another data key
            self._vault = None
            return self._open(ref)

    def _open(self, ref: str) -> Reachable | None:
        closed = self._client.hget(keys.TEXT_PEOPLE, ref)
        return self.vault.open(ref, closed) if closed is not None else None

    def note_sent(self, digest: str, messages: int = 1) -> int:
        """So many messages more to a number; returns how many it has had."""
        return int(self._client.hincrby(keys.TEXT_HAD, digest, messages))

    def had(self, digest: str) -> int:
        """How many messages a number has had."""
        return int(self._client.hget(keys.TEXT_HAD, digest) or 0)

    def opt_out(self, phone: str) -> bool:
        """Never again to this number (E.164); False where it had opted out before. Needs no list."""
        return self.close_number(self.digests.digest(phone))

    def close_number(self, digest: str) -> bool:
        """As `opt_out`, by digest."""
        return bool(self._client.sadd(keys.TEXT_OPT_OUTS, digest))

    def opt_in(self, phone: str) -> bool:
        """The person at this number asked for texts again; False where they had not opted out."""
        return bool(self._client.srem(keys.TEXT_OPT_OUTS, self.digests.digest(phone)))

    def opted_out(self, digest: str) -> bool:
        """Whether this number has opted out."""
        return bool(self._client.sismember(keys.TEXT_OPT_OUTS, digest))

    def export(self, contact_id: str) -> dict[str, Any] | None:
        """All that is held about one person, for that person; None where nothing is."""
        ref = self.vault.ref(contact_id)
        person = self.reach(ref)
        if person is None:
            return None
        for precinct, raw in self._client.hscan_iter(keys.TEXT_LISTS):
            for one in _lists.decode(raw):
                if one.ref == ref:
                    return {
                        "contact_id": person.contact_id, "phone": person.phone, "first_name": person.first_name,
                        "precinct": as_text(precinct), "band": one.band, "language": one.language,
                        "timezone": one.timezone, "opted_out": self.opted_out(one.digest),
                        "messages_sent": int(self._client.hget(keys.TEXT_HAD, one.digest) or 0),
                    }  # fmt: skip
        return None

    def purge(self) -> int:
        """Delete every person and the key that could open them; opt-outs stay. Returns how many were deleted."""
        self._vault = None
        return purge_contacts(self._client).contacts
