"""After the day: every name and number out of the store, and out of the file that the store writes."""

import time
from contextlib import suppress

import msgspec
import redis

from warroom.store import keys
from warroom.store.client import Client

REWRITE_WITHIN_S = 60.0
_CONTACTS = (
    keys.TEXT_PEOPLE, keys.TEXT_PEOPLE_NEXT, keys.TEXT_LISTS, keys.TEXT_HAD, keys.TEXT_NEWEST, keys.TEXT_PROVIDER,
    keys.TEXT_EARLY, keys.TEXT_COUNTS, keys.TEXT_KEY,
)  # fmt: skip


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """How many were deleted. `rewritten`: the store's own file no longer holds them either."""

    contacts: int
    volunteers: int = 0
    codes: int = 0
    rewritten: bool = True


def purge_contacts(client: Client) -> Purged:
    """Delete every person of the campaign's list and the key that could open them; that they said STOP stays.

    It takes no key: who cannot read the list can still delete it.
    """
    people = int(client.hlen(keys.TEXT_PEOPLE))
    client.delete(*_CONTACTS)
    return Purged(contacts=people, rewritten=_rewritten(client))


def purge_people(client: Client) -> Purged:
    """As `purge_contacts`; besides every volunteer (name, number, home, what they can do) and their phones' codes."""
    volunteers = max(int(client.hlen(keys.PEOPLE)), int(client.hlen(keys.VOLUNTEERS)))
    codes = int(client.hlen(keys.CODE_HOLDERS))
    client.delete(keys.PEOPLE, keys.VOLUNTEERS, keys.CODES, keys.CODE_HOLDERS)
    return msgspec.structs.replace(purge_contacts(client), volunteers=volunteers, codes=codes)


def _rewritten(client: Client) -> bool:
    """Have the store write its file anew: else it would hold the deleted until its next rewrite. True once it did."""
    if not client.info("persistence").get("aof_enabled"):
        return True  # it keeps no such file
    until_s, asked = time.monotonic() + REWRITE_WITHIN_S, False
    while time.monotonic() < until_s:
        told = client.info("persistence")
        is_idle = not told["aof_rewrite_in_progress"] and not told["aof_rewrite_scheduled"]
        if asked and is_idle:
            return bool(told["aof_last_bgrewrite_status"] == "ok")
        if is_idle:  # one that is under way began before the deletion: ask after it
            with suppress(redis.ResponseError):  # somebody was faster
                client.bgrewriteaof()
                asked = True
        time.sleep(0.05)
    return False
