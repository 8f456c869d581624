"""From a cookie to a person. Asked at every request, so the answer is kept for two seconds where nothing is changed."""

import hmac
import time
from pathlib import Path

import redis

from warroom.access.accounts import AccountStore
from warroom.access.audit_log import AuditLog
from warroom.access.lockout import Lockout
from warroom.access.roles import Grant, Who, held_back, live, shared
from warroom.access.sessions import Session, SessionStore, now
from warroom.access.shared_keys import Access
from warroom.store.client import Client

KEPT_S = 2.0  # an ended session still reads for so long; to act it is looked up anew
AWAY_S = 600.0  # while the store is away, screens keep the role they had
MOST_KEPT = 10_000
HERE = "this machine"
PASSKEY = "passkey"
OPEN = Who(door=HERE, grants=(Grant("director"), Grant("approver"), Grant("admin")))


class Doors:
    """Who comes in: shared keys from the environment, people and screens from the store."""

    def __init__(self, access: Access, client: Client, mirror: Path | None = None) -> None:
        self.access = access
        self.accounts = AccountStore(client)
        self.sessions = SessionStore(client)
        self.lockout = Lockout(client)
        self.audit = AuditLog(client, mirror)
        self._kept: dict[str, tuple[float, Who | None]] = {}

    def kept(self, cookie: str) -> tuple[bool, Who | None]:
        """(whether it is known, who) without asking the store."""
        held = self._kept.get(cookie)
        if held is not None and time.monotonic() - held[0] < KEPT_S:
            return True, held[1]
        return False, None

    def who(self, cookie: str) -> Who | None:
        """Who a cookie is, looked up now; None for nobody. Raises redis.RedisError where the store is away."""
        found = self._look(cookie, now())
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[cookie] = (time.monotonic(), found)
        return found

    def who_reads(self, cookie: str) -> Who | None:
        """Like `who`; while the store is away a screen stays who it was."""
        try:
            return self.who(cookie)
        except redis.RedisError:
            held = self._kept.get(cookie)
            if held is None or time.monotonic() - held[0] > AWAY_S:
                raise
            return held[1]

    def forget(self) -> None:
        """Look everybody up anew: somebody signed in or out."""
        self._kept.clear()

    def _look(self, cookie: str, now_ms: int) -> Who | None:
        if cookie.startswith("s."):
            found = self.sessions.of_cookie(cookie, now_ms)
            return self._of_session(*found, now_ms) if found else None
        if self.access.open_room:
            return None if self.accounts.exist() else OPEN
        role = self.access.role_of_ticket(cookie)
        if role is None:
            return None
        return shared("director", "director key") if role == "director" else shared("viewer", "wall key")

    def _of_session(self, digest: str, session: Session, now_ms: int) -> Who | None:
        if session.wall:
            there = session.wall in self.accounts.walls()
            return Who(door=f"wall {session.wall}", grants=(Grant("viewer"),), session=digest) if there else None
        grants = live(session.grants, now_ms)
        if not session.account:
            return Who(door=session.door, grants=grants, name=session.name, session=digest) if grants else None
        account = self.accounts.one(session.account)
        if account is None or not account.live(now_ms):
            return None
        grants = account.live(now_ms)
        waiting: tuple[Grant, ...] = ()
        if session.door != PASSKEY:
            grants, waiting = held_back(grants, self.access.passkey_roles)
        return Who(
            door=session.door, grants=grants, account=account.id, name=account.name, session=digest, waiting=waiting
        )

    def device_mark(self, account: str) -> str:
        """What a browser keeps after it signed in to an account: its wrong passwords are counted apart."""
        return hmac.new(self.sessions.key, f"device\n{account}".encode(), "sha256").hexdigest()
