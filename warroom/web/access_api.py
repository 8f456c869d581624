"""Who am I, who is signed in, and what was done: the API of access, under /api/v1."""

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from warroom.access.audit import Line
from warroom.access.doors import Doors
from warroom.access.policy import needs
from warroom.access.roles import ACTIONS
from warroom.access.sessions import now
from warroom.web.answers import private_json
from warroom.web.guard import who_of

MOST_LINES = 200
MOST_READ = 20_000  # lines looked through for one answer; the next page goes on from there
Words = Annotated[str, Field(max_length=80)]


class Sought(BaseModel):
    """Lines before line `before` that hold these words, whatever their case."""

    before: Annotated[int | None, Field(ge=1)] = None
    who: Words = ""
    action: Words = ""
    about: Words = ""
    outcome: Literal["", "done", "refused", "failed"] = ""


def access_router(doors: Doors) -> APIRouter:
    """The routes; include it before the API's catch-all."""
    api = APIRouter(prefix="/api/v1", tags=["access"])

    @api.get("/me", summary="Who is signed in here, and what they may do")
    @needs("see")
    def me(request: Request) -> Response:
        who = who_of(request.scope)
        account = doors.accounts.one(who.account) if who.account else None
        return private_json(
            {
                "passkeys": len(account.passkeys) if account else 0,
                "account": who.account,
                "name": who.name,
                "roles": who.roles,
                "waiting": who.roles_waiting,
                "door": who.door,
                "may": [action for action in ACTIONS if who.may_somewhere(action)],
                "grants": who.grants,
            }
        )

    @api.get("/audit", summary="The audit log, newest first; `before` goes on from a line")
    @needs("read_audit")
    def audit(before: Annotated[int | None, Query(ge=1)] = None) -> Response:
        return found(Sought(before=before))

    @api.post("/audit", summary="Lines of the audit log that hold the words sought: names, so not in an address")
    @needs("read_audit", reads=True)
    def found(sought: Sought) -> Response:
        chosen, more = _page(doors, sought.before, lambda line: _matches(line, sought))
        n, digest = doors.audit.head()
        return private_json({"lines": chosen, "head": {"n": n, "hash": digest}, "more_before": more})

    @api.get("/sessions", summary="Browsers that are signed in: who, how, since when")
    @needs("accounts")
    def sessions() -> Response:
        rows = [
            {
                "id": digest[:16],
                "who": session.account or session.wall or session.name,
                "door": session.door,
                "started_ms": session.started_ms,
                "seen_ms": session.seen_ms,
                "ends_ms": session.ends_ms,
            }
            for digest, session in doors.sessions.all(now())
        ]
        return private_json(sorted(rows, key=lambda row: row["started_ms"], reverse=True))

    @api.delete("/sessions/{session_id}", summary="End a session now")
    @needs("accounts")
    def end(session_id: Annotated[str, Path(pattern="^[0-9a-f]{16}$")]) -> Response:
        found = [digest for digest, _ in doors.sessions.all(now()) if digest.startswith(session_id)]
        if len(found) != 1:
            raise HTTPException(404, "no such session: it ended already")
        doors.sessions.end(found[0])
        doors.forget()
        return private_json({"ended": session_id})

    return api


def _page(doors: Doors, before: int | None, wanted: Callable[[Line], bool]) -> tuple[list[Line], int | None]:
    """The newest wanted lines before a line, and where the next page goes on; None where there is no more."""
    chosen: list[Line] = []
    last: int | None = None
    for line in islice(doors.audit.newest(before), MOST_READ):
        last = line.n
        if wanted(line):
            chosen.append(line)
            if len(chosen) == MOST_LINES:
                break
    return chosen, last if last is not None and last > 1 else None


def _matches(line: Line, sought: Sought) -> bool:
    people = f"{line.account} {line.said} {line.door} {line.role}".casefold()
    things = f"{line.object} {line.reason}".casefold()
    return (
        sought.who.casefold() in people
        and sought.action.casefold() in line.action.casefold()
        and sought.about.casefold() in things
        and sought.outcome in ("", line.outcome)
    )
