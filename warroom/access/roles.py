"""Roles and what each may do. Pure: the table below is the only place that says it."""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

Role = Literal["viewer", "watcher", "organiser", "director", "approver", "admin"]
Action = Literal[
    "see", "enter", "see_people", "decide", "feeds", "hold", "text_see", "text_propose", "text_approve", "text_stop",
    "read_audit", "accounts",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)

WORDS: dict[Action, str] = {
    "see": "see the wall, figures, alerts and precincts",
    "enter": "type in what a poll site tells by phone or paper",
    "see_people": "see volunteers' names and masked numbers",
    "decide": "take, send, resolve, dismiss, undo; shelve a site; refuse a move",
    "feeds": "pause, resume and set up feeds; see what was rejected and what others say of each source",
    "hold": "hold a source, so that its counts do not count, and release it",
    "text_see": "see the queue of text requests",
    "text_propose": "propose and edit a text request",
    "text_approve": "approve or refuse a text request",
    "text_stop": "stop all texting",
    "read_audit": "read the audit log",
    "accounts": "list accounts, end sessions",
}
# Whoever manages access does not thereby act on the day, and whoever proposes a text does not approve it:
# a person who must do both is granted both roles.
MAY: dict[Action, frozenset[Role]] = {
    "see": frozenset(ROLES),
    "enter": frozenset({"watcher", "organiser", "director"}),
    "see_people": frozenset({"organiser", "director"}),
    "decide": frozenset({"organiser", "director"}),
    "feeds": frozenset({"director", "admin"}),
    "hold": frozenset({"director"}),
    "text_see": frozenset({"organiser", "director", "approver"}),
    "text_propose": frozenset({"organiser", "director"}),
    "text_approve": frozenset({"approver"}),
    "text_stop": frozenset({"director", "approver", "admin"}),
    "read_audit": frozenset({"director", "admin"}),
    "accounts": frozenset({"admin"}),
}
REGIONAL: frozenset[Role] = frozenset({"organiser"})  # never without a region
LOCAL: frozenset[Action] = frozenset({"see_people", "decide", "text_propose"})  # what a region limits


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role, everywhere (`region` empty) or in one region, until `until_ms` (epoch) or until taken back."""

    role: Role
    region: str = ""
    until_ms: int | None = None

    def __post_init__(self) -> None:
        if self.role in REGIONAL and not self.region:
            raise ValueError(f"the role {self.role} needs a region")


def live(grants: Iterable[Grant], now_ms: int) -> tuple[Grant, ...]:
    """The grants that have not ended."""
    return tuple(g for g in grants if g.until_ms is None or now_ms < g.until_ms)


def allows(grants: Iterable[Grant], action: Action, region: str | None = None) -> bool:
    """Whether live grants allow an action in a region; `region=None` asks whether they do so everywhere.

    >>> allows([Grant("organiser", "North")], "decide", "North")
    True
    >>> allows([Grant("organiser", "North")], "decide")
    False
    """
    local = action in LOCAL
    return any(g.role in MAY[action] and (not local or not g.region or g.region == region) for g in grants)


def regions(grants: Iterable[Grant], action: Action) -> frozenset[str]:
    """The regions to which an action is limited; empty where it is allowed everywhere, or nowhere."""
    able = [g for g in grants if g.role in MAY[action]]
    return frozenset() if action not in LOCAL or any(not g.region for g in able) else frozenset(g.region for g in able)


def held_back(grants: Iterable[Grant], roles: frozenset[Role]) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
    """(what a session opened without a passkey holds, what waits for one) where `roles` require one.

    Whoever has nothing else may look, and add the passkey.

    >>> held_back([Grant("approver")], frozenset({"approver"}))[0] == (Grant("viewer"),)
    True
    """
    found = tuple(grants)
    waiting = tuple(g for g in found if g.role in roles)
    looks = dict.fromkeys(Grant("viewer", until_ms=g.until_ms) for g in waiting)
    return tuple(g for g in found if g.role not in roles) or tuple(looks), waiting


class Who(msgspec.Struct, frozen=True):
    """The person, screen or machine behind a request, with the grants that are live now.

    `account` is a sign-in name, empty where a shared key or the open room's machine stands for a person.
    `door` says how they came in: "this machine", "director key", "wall key", "wall NAME", "password",
    "single sign-on", "passkey" or "break-glass". `session` is the hash of a session id, or empty. `waiting` are
    grants of roles that require a passkey, where the session was opened without one.
    """

    door: str
    grants: tuple[Grant, ...]
    account: str = ""
    name: str = ""
    session: str = ""
    waiting: tuple[Grant, ...] = ()

    def may(self, action: Action, region: str | None = None) -> bool:
        """Whether this person may do it, everywhere or in `region`."""
        return allows(self.grants, action, region)

    def may_somewhere(self, action: Action) -> bool:
        """Whether this person may do it in some region at least."""
        return any(g.role in MAY[action] for g in self.grants)

    def in_reach(self, action: Action, places: Iterable[str]) -> bool:
        """Whether this person may do it in every one of these regions; with no region known, everywhere."""
        found = set(places)
        return self.may(action) or (bool(found) and all(self.may(action, region) for region in found))

    def signs(self, typed: str) -> str:
        """The name under a decision: the account's where there is one, else what was typed."""
        return self.name or typed

    @property
    def roles(self) -> list[str]:
        """The roles in words, as ["director", "organiser (North)"]."""
        return _in_words(self.grants)

    @property
    def roles_waiting(self) -> list[str]:
        """The roles that wait for a passkey, in words."""
        return _in_words(self.waiting)


def _in_words(grants: Iterable[Grant]) -> list[str]:
    return [f"{g.role} ({g.region})" if g.region else g.role for g in grants]


def shared(role: Role, door: str) -> Who:
    """Somebody without a name of their own: a key, a wall, the open room's machine."""
    return Who(door=door, grants=(Grant(role),))
