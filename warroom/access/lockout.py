"""Wrong passwords make the next try wait, longer each time, never for more than a minute, and never for everybody.

Tries are counted for an account from one place: a browser that signed in to this account before has a place of
its own, so that a guest who guesses on the same network cannot keep its owner out. Nothing here is asked of a
break-glass code, an invitation or a wall token: each has 128 random bits.
"""

import hashlib
import math

from warroom.store import keys
from warroom.store.client import Client

FREE = 5  # wrong tries without a wait: people mistype
LONGEST_MS = 60_000
REMEMBERED_MS = 15 * 60_000
PLACE_LONGEST_MS = 5_000
PLACE_FREE = 50  # wrong tries from one address over all accounts: a room of people shares one

# KEYS: bucket. ARGV: now, free, longest, remembered. Counts the try before the password is looked at, so that
# many tries at once are no way around; answers the ms to wait, 0 to go on.
_TRY = """
local wait = tonumber(redis.call('HGET', KEYS[1], 'until') or 0) - tonumber(ARGV[1])
if wait > 0 then return wait end
local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
local over = n - tonumber(ARGV[2])
if over >= 0 then
  local delay = math.min(tonumber(ARGV[3]), 1000 * 2 ^ math.min(over, 20))
  redis.call('HSET', KEYS[1], 'until', string.format('%.0f', tonumber(ARGV[1]) + delay))
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0
"""


class Lockout:
    """Counts tries in the store, for all web processes alike."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._try = client.register_script(_TRY)

    def wait_s(self, account: str, place: str, known: bool, now_ms: int) -> int:
        """Seconds to wait before this try counts; 0 counts it as wrong until `cleared`.

        `place` is the address, or, where `known`, the mark of a browser that signed in to this account before.
        """
        own = self._try(keys=[_bucket(account, place)], args=[now_ms, FREE, LONGEST_MS, REMEMBERED_MS])
        wait_s = math.ceil(int(own) / 1000)
        return wait_s if wait_s or known else self.place_wait_s(place, now_ms)

    def place_wait_s(self, place: str, now_ms: int) -> int:
        """Seconds to wait because of all that was tried from one address; five at most: it may be the whole room's."""
        arguments = [now_ms, PLACE_FREE, PLACE_LONGEST_MS, REMEMBERED_MS]
        return math.ceil(int(self._try(keys=[_bucket("", place)], args=arguments)) / 1000)

    def cleared(self, account: str, place: str, known: bool) -> None:
        """The password was right: the try was no wrong one, and the account starts afresh from there."""
        self._client.delete(_bucket(account, place))
        if not known:
            self._client.hincrby(_bucket("", place), "n", -1)


def _bucket(account: str, place: str) -> str:
    """Neither the address nor the account can be read from it."""
    return keys.failed_signins(hashlib.sha256(f"{account}\n{place}".encode()).hexdigest()[:32])
