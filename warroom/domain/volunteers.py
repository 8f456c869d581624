"""People who help on the day: what they can do, when and where they serve, and where they are now.

A person's name and telephone number stand apart (`Contact`): nothing that draws, scores or
suggests needs them.
"""

import re
from functools import lru_cache

import msgspec

from warroom.domain.reports import ShiftStatus

# A canvasser at the doors does not see the poll site; who stays inside it does.
_WATCHERS = frozenset({
    "poll_watcher", "watcher", "poll_observer", "observer", "poll_monitor", "monitor", "inside", "site_captain",
    "poll_captain", "line_warmer",
})  # fmt: skip


class Volunteer(msgspec.Struct, frozen=True, kw_only=True):
    """What one person can do. `home_lat` and `home_lon` are for travel times and are shown to nobody."""

    volunteer_id: str
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    has_car: bool = False
    home_lat: float | None = None
    home_lon: float | None = None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Personal data: for directors only, never on a wall, in a stream, a log or an address."""

    name: str = ""
    phone: str = ""


class PlannedShift(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is meant to be, from `start_ms` to `end_ms` (epoch ms). Empty text: not said.

    `break_ms`: when their break begins, None where none is planned; `break_minutes`: how long it lasts.
    """

    volunteer_id: str
    start_ms: int
    end_ms: int
    site_id: str = ""
    precinct_id: str = ""
    role: str = ""
    break_ms: int | None = None
    break_minutes: float = 0.0

    @property
    def covers(self) -> bool:
        """Whether this person stays at the poll site and so counts towards its coverage."""
        return bool(self.site_id) and watches(self.role, self.precinct_id)


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """One `shift` report: where a volunteer said to be at `at_ms`."""

    volunteer_id: str
    status: ShiftStatus
    at_ms: int
    site_id: str = ""
    precinct_id: str = ""


@lru_cache(maxsize=1_000)
def watches(role: str, precinct_id: str = "") -> bool:
    """Whether a role is served inside the poll site. Without a role, a shift that names no precinct is.

    >>> watches("Poll watcher"), watches("canvasser"), watches("", "0412"), watches("")
    (True, False, False, True)
    """
    if not role.strip():
        return not precinct_id
    return re.sub(r"[\s-]+", "_", role.strip().lower()) in _WATCHERS


def mask_phone(phone: str) -> str:
    """A number that its owner recognises and nobody can dial: the last two digits.

    >>> mask_phone("+12075550194")
    '… 94'
    >>> mask_phone("12")
    '…'
    """
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return ""
    return f"… {digits[-2:]}" if len(digits) >= 7 else "…"
