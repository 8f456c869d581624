"""The door: sign in by password, invitation, shared key, wall token or break-glass code, and sign out."""

import asyncio
import hmac
import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader

from warroom.access.accounts import AccountError, account_id
from warroom.access.audit import Event
from warroom.access.doors import Doors
from warroom.access.roles import Grant
from warroom.access.sessions import LASTS_MS, WALL_LASTS_MS, Session, now
from warroom.access.shared_keys import COOKIE, LIFETIME_S
from warroom.web.address import sender_address
from warroom.web.guard import cookie_of

logger = logging.getLogger(__name__)

PAGES = Path(__file__).resolve().parents[1] / "access" / "pages"
DEVICE = "warroom_device"
DEVICE_LASTS_S = 90 * 24 * 3600
GLASS_LASTS_MS = 4 * 3_600_000
GLASS = (Grant("admin"), Grant("director"))
MAX_FORM_BYTES = 2_000
AT_ONCE = asyncio.Semaphore(2)  # each password takes 64 MiB and a core for a moment: a flood of them waits outside
INVITE = "invite-"  # stands before an invitation's code in a link
_pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True)
PRIVATE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Form:
    """What was sent: fields by name, the first of each."""

    fields: dict[str, list[str]]

    def get(self, name: str) -> str:
        """A field, '' where it is missing."""
        return self.fields.get(name, [""])[0]


def signin_router(doors: Doors, desk: "Desk") -> APIRouter:
    """The routes under /signin."""
    api = APIRouter(prefix="/signin", include_in_schema=False)

    @api.get("")
    def show() -> Response:
        return desk.page()

    @api.get("/invite")
    def invited() -> Response:
        return desk.page(way="invite")

    @api.get("/page.{kind}")
    def file(kind: str) -> Response:
        types = {"css": "text/css", "js": "application/javascript"}
        if kind not in types:
            return Response(status_code=404)
        body = (PAGES / f"signin.{kind}").read_bytes()
        return Response(body, media_type=types[kind], headers={"Cache-Control": "no-cache"})

    @api.post("")
    async def enter(request: Request) -> Response:
        if int(request.headers.get("content-length") or MAX_FORM_BYTES + 1) > MAX_FORM_BYTES:
            return desk.page("This is not a key.", status=413)
        form = Form(parse_qs((await request.body()).decode("utf-8", "replace")))
        ways = {"password": desk.password, "invite": desk.invite, "glass": desk.glass}
        return await ways.get(form.get("way"), desk.key)(request, form)

    @api.post("/out")
    def leave(request: Request) -> Response:
        found = doors.sessions.of_cookie(cookie_of(request.headers), now())
        if found is not None:
            digest, session = found
            doors.sessions.end(digest)
            doors.forget()
            doors.audit.write(Event(action="sign out", account=session.account, said=session.name, door=session.door))
        answer = RedirectResponse("/signin", status_code=303, headers=PRIVATE)
        answer.delete_cookie(COOKIE)
        return answer

    return api


class Desk:
    """Who comes to the door. `oidc` is the name on the button of single sign-on, '' without one."""

    def __init__(self, doors: Doors, oidc: str = "") -> None:
        self._doors = doors
        self._oidc = oidc

    def page(self, said: str = "", way: str = "", status: int = 200, code: str = "") -> Response:
        """The sign-in page, with what there is to say."""
        people = self._doors.access.accounts or self._doors.accounts.exist()
        title = "set your password" if way == "invite" else "sign in"
        html = _pages.get_template("signin.html").render(
            said=said,
            way=way,
            people=people,
            oidc=self._oidc,
            code=code,
            title=title,
            open=self._doors.access.open_room,
        )
        return HTMLResponse(html, status_code=status, headers=PRIVATE)

    async def password(self, request: Request, form: Form) -> Response:
        """Somebody with an account."""
        try:
            account = account_id(form.get("account"))
        except AccountError:
            account = ""
        place, known = self._place(request, account)
        wait_s = await asyncio.to_thread(self._doors.lockout.wait_s, account, place, known, now())
        if wait_s:
            return self.page(
                f"Too many wrong tries: wait {wait_s} s, then try again. In a hurry, an admin has a break-glass code.",
                status=429,
            )
        async with AT_ONCE:
            found = await asyncio.to_thread(self._doors.accounts.verify, account, form.get("password"))
        if found is None:
            if await asyncio.to_thread(self._doors.accounts.one, account) is not None:
                await self._told(
                    Event(action="sign in", account=account, door="password", outcome="refused", status=401)
                )
            return self.page("Name or password is wrong.", status=401)
        await asyncio.to_thread(self._doors.lockout.cleared, account, place, known)
        return await self.welcome(request, account, "password")

    async def invite(self, request: Request, form: Form) -> Response:
        """Somebody with an invitation sets a password."""
        code = form.get("code").strip().removeprefix(INVITE)
        try:
            async with AT_ONCE:
                account = await asyncio.to_thread(self._doors.accounts.accept, code, form.get("password"), now())
        except AccountError as error:
            return self.page(str(error), way="invite", status=401, code=form.get("code"))
        await asyncio.to_thread(self._doors.sessions.end_all, account.id)  # a reset ends what was open
        await self._told(Event(action="set password", account=account.id, door="invitation"))
        return await self.welcome(request, account.id, "password")

    async def key(self, request: Request, form: Form) -> Response:
        """A screen's token, or a shared key."""
        wall = await asyncio.to_thread(self._doors.accounts.wall_of, form.get("key"))
        if wall is not None:
            at_ms = now()
            session = Session(
                door=f"wall {wall}", wall=wall, started_ms=at_ms, seen_ms=at_ms, ends_ms=at_ms + WALL_LASTS_MS
            )
            return await self._begin(request, session, "viewer")
        place = sender_address(request)
        wait_s = await asyncio.to_thread(self._doors.lockout.place_wait_s, place, now())
        if wait_s:
            return self.page(f"Too many wrong tries from here: wait {wait_s} s.", status=429)
        role = self._doors.access.role_of_key(form.get("key"))
        if role is not None:
            await asyncio.to_thread(self._doors.lockout.cleared, "", place, False)
            answer = RedirectResponse("/wall", status_code=303, headers=PRIVATE)
            self._set(request, answer, self._doors.access.ticket(role), LIFETIME_S)
            await self._told(
                Event(action="sign in", role=role, door="director key" if role == "director" else "wall key")
            )
            return answer
        return self.page("This key opens nothing here.", status=401)

    async def glass(self, request: Request, form: Form) -> Response:
        """Somebody who is locked out."""
        name, reason = form.get("name").strip()[:60], form.get("reason").strip()[:300]
        if not name or not reason:
            return self.page("Say who you are, and why.", status=422)
        if not await asyncio.to_thread(self._doors.accounts.break_glass, form.get("code").strip()):
            return self.page("This code was used, or never was one.", status=401)
        at_ms = now()
        session = Session(
            door="break-glass", name=name, grants=GLASS, started_ms=at_ms, seen_ms=at_ms, ends_ms=at_ms + GLASS_LASTS_MS
        )
        logger.critical("BREAK-GLASS: a code opened the room from %s", sender_address(request))
        return await self._begin(request, session, "admin, director", action="BREAK-GLASS", reason=reason)

    async def welcome(self, request: Request, account: str, door: str) -> Response:
        """Begin an account's session, and let its browser be known."""
        at_ms = now()
        found = await asyncio.to_thread(
            self._doors.accounts.change, account, lambda a: msgspec.structs.replace(a, last_ms=at_ms)
        )
        session = Session(door=door, account=account, started_ms=at_ms, seen_ms=at_ms, ends_ms=at_ms + LASTS_MS)
        roles = ", ".join(g.role for g in found.live(at_ms))
        answer = await self._begin(request, session, roles)
        answer.set_cookie(
            DEVICE, f"{account}~{self._doors.device_mark(account)}", max_age=DEVICE_LASTS_S, path="/signin",
            httponly=True, samesite="strict", secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    async def _begin(self, request: Request, session: Session, roles: str, action: str = "sign in",
                     reason: str = "") -> Response:  # fmt: skip
        cookie = await asyncio.to_thread(self._doors.sessions.open, session)
        self._doors.forget()
        await self._told(
            Event(
                action=action, account=session.account, said=session.name, role=roles, door=session.door, reason=reason
            )
        )
        answer = RedirectResponse("/wall", status_code=303, headers=PRIVATE)
        self._set(request, answer, cookie, (session.ends_ms - session.started_ms) // 1000)
        return answer

    async def _told(self, event: Event) -> None:
        await asyncio.to_thread(self._doors.audit.write, event)

    def _place(self, request: Request, account: str) -> tuple[str, bool]:
        """Where a try comes from: this account's own browser, or an address."""
        held, _, mark = request.cookies.get(DEVICE, "").partition("~")
        if (
            account
            and held == account
            and hmac.compare_digest(mark.encode(), self._doors.device_mark(account).encode())
        ):
            return f"device {mark}", True
        return sender_address(request), False

    @staticmethod
    def _set(request: Request, answer: Response, cookie: str, lasts_s: int) -> None:
        answer.set_cookie(
            COOKIE, cookie, max_age=lasts_s, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
