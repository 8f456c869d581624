"""One feed's line on the board. Pure, and light: the web server says the same of a feed as the watch."""

from typing import Any

from warroom.store.feeds import Pause, Pulse
from warroom.store.ports import DONE, NOTE

LIVE_MS = 30_000  # wall time since a feed's last frame; when it is silent, its own ways decide


def feed_row(feed: str, trouble: str, pulse: Pulse | None, pause: Pause | None, wall_ms: int, day_ms: int | None,
             received: int) -> dict[str, Any]:  # fmt: skip
    """A feed's line. `day_ms` is its last report in the day's time, None before the first; `wall_ms` is now."""
    row = {
        "feed": feed,
        "state": _feed_state(trouble, pulse, pause, wall_ms),
        "trouble": "" if trouble == DONE else trouble.removeprefix(NOTE),
        "seen_ms": day_ms,
        "per_minute": round(pulse.per_minute) if pulse else 0,
        "received": received,
    }
    if pause is not None:
        row |= {"paused_by": pause.by, "paused_ms": pause.at_ms}
    return row


def _feed_state(trouble: str, pulse: Pulse | None, pause: Pause | None, wall_ms: int) -> str:
    """paused, done, stopped (it says what holds it up), awaited (nothing yet), silent, quiet or live."""
    if pause is not None:
        return "paused"
    if trouble and not trouble.startswith(NOTE):
        return DONE if trouble == DONE else "stopped"
    if pulse is None:
        return "awaited"
    silence_ms = wall_ms - pulse.seen_ms
    if pulse.limit_ms is not None and silence_ms >= pulse.limit_ms:
        return "silent"
    return "live" if silence_ms < LIVE_MS else "quiet"
