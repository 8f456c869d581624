"""`warroom account` and `warroom wall-token`: who may come in. Whoever can run these is the room's keeper."""

import getpass
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from warroom.access.accounts import Account, AccountStore, account_id
from warroom.access.audit import Event
from warroom.access.audit_log import AuditLog
from warroom.access.roles import REGIONAL, ROLES, Grant, Role
from warroom.access.sessions import SessionStore, now
from warroom.cli.parts import Data
from warroom.settings import audit_file, connect_store
from warroom.store.day import NoDayError, read_roster

HOUR_MS = 3_600_000
Name = Annotated[str, typer.Argument(help="Sign-in name, as ana or ana@example.org.", show_default=False)]
Roles = Annotated[list[str], typer.Option("--role", help=f"{', '.join(ROLES)}; may be given more than once.")]
Region = Annotated[str, typer.Option(help="The region of an organiser.")]
Hours = Annotated[float, typer.Option(min=0, help="The role ends by itself after so many hours; 0: never.")]
At = Annotated[str, typer.Option("--at", help="Address of the room, for the link.")]
Screen = Annotated[str, typer.Argument(help="Name of the screen.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HERE = "http://127.0.0.1:8050"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    account = typer.Typer(help="People who sign in: invite, grant, reset, disable.", no_args_is_help=True)
    for command in (invite, grant, revoke, reset, disable, enable, break_glass):
        account.command(command.__name__.replace("_", "-"))(command)
    account.command("list")(list_)
    account.command("sign-out")(sign_out)
    app.add_typer(account, name="account")
    wall = typer.Typer(help="Screens that only look: a token each.", no_args_is_help=True)
    wall.command("new")(wall_new)
    wall.command("list")(wall_list)
    wall.command("revoke")(wall_revoke)
    app.add_typer(wall, name="wall-token")


@dataclass
class _Room:
    """The store behind a command, and its log."""

    accounts: AccountStore
    sessions: SessionStore
    log: AuditLog
    regions: frozenset[str]

    @classmethod
    def of(cls, data: Path | None) -> "_Room":
        client = connect_store(data)
        try:
            found = frozenset(p.region for p in read_roster(client).precincts)
        except NoDayError:
            found = frozenset()
        return cls(AccountStore(client), SessionStore(client), AuditLog(client, audit_file(data)), found)

    def told(self, action: str, about: str, role: str = "") -> None:
        """Write what was done into the audit log."""
        self.log.write(Event(action=action, object=about, role=role, said=getpass.getuser(), door="command line"))

    def grants(self, roles: list[str], region: str, hours: float) -> tuple[Grant, ...]:
        """Grants from options. Raises BadParameter."""
        until_ms = now() + round(hours * HOUR_MS) if hours else None
        for role in _roles(roles):
            if role in REGIONAL and not region:
                raise typer.BadParameter(f"the role {role} needs --region", param_hint="--region")
        if region and self.regions and region not in self.regions:
            some = ", ".join(sorted(self.regions)[:12])
            raise typer.BadParameter(f"the day has no region {region!r}: {some}", param_hint="--region")
        return tuple(Grant(role, region if role in REGIONAL else "", until_ms) for role in _roles(roles))


def _roles(roles: list[str]) -> list[Role]:
    """Roles from options. Raises BadParameter."""
    if strange := [role for role in roles if role not in ROLES]:
        raise typer.BadParameter(f"{strange[0]!r} is no role: use {', '.join(ROLES)}", param_hint="--role")
    return msgspec.convert(roles, list[Role])


def _link(at: str, code: str) -> str:
    return f"{at.rstrip('/')}/signin/invite#invite-{code}"


def invite(
    name: Name, role: Roles, region: Region = "", hours: Hours = 0,
    shown: Annotated[str, typer.Option("--shown", help="The name under decisions; else the sign-in name.")] = "",
    oidc: Annotated[bool, typer.Option(help="Signs in by single sign-on with this verified e-mail address.")] = False,
    at: At = HERE, data: Data = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Invite a person: prints a link, good once and for three days, with which they set their password.

    Example: warroom account invite ana --role director --hours 12 --at https://room.example.org
    """
    room = _Room.of(data)
    grants = room.grants(role, region, hours)
    account = account_id(name)
    first = not room.accounts.exist()
    shown = "".join(c for c in shown if c.isprintable() and c not in "<>").strip()[:60]
    room.accounts.add(Account(id=account, name=shown or account, made_ms=now(), grants=grants, oidc=oidc))
    code = room.accounts.invite(account, now())
    room.told("invite", account, ", ".join(_grant_words(g) for g in grants))
    if as_json:
        typer.echo(json.dumps({"account": account, "code": code, "link": _link(at, code)}))
        return
    typer.echo(f"{account} sets a password here, once, within three days:\n{_link(at, code)}")
    if oidc:
        typer.echo("or signs in by single sign-on.")
    if first:
        typer.echo("This is the first account: from now on everybody signs in, on this machine too.")
        typer.echo("Keep a way in for the day: `warroom account break-glass` prints a code for a sealed envelope.")


def grant(name: Name, role: Roles, region: Region = "", hours: Hours = 0, data: Data = None) -> None:
    """Give an account a role, for hours or until it is taken back; the same role again replaces it.

    Example: warroom account grant ana --role approver --hours 2
    """
    room = _Room.of(data)
    new = room.grants(role, region, hours)
    kinds = {(g.role, g.region) for g in new}

    def with_new(account: Account) -> Account:
        kept = tuple(g for g in account.grants if (g.role, g.region) not in kinds)
        return msgspec.structs.replace(account, grants=kept + new)

    after = room.accounts.change(account_id(name), with_new)
    room.told("grant", after.id, ", ".join(_grant_words(g) for g in new))
    typer.echo(f"{after.id}: {_grants_words(after)}")


def revoke(name: Name, role: Roles, data: Data = None) -> None:
    """Take a role back from an account, in every region.

    Example: warroom account revoke ana --role approver
    """
    taken = frozenset(_roles(role))
    room = _Room.of(data)
    before = room.accounts.one(account_id(name))
    after = room.accounts.change(
        account_id(name),
        lambda a: msgspec.structs.replace(a, grants=tuple(g for g in a.grants if g.role not in taken)),
    )
    room.told("revoke", after.id, ", ".join(role))
    typer.echo(f"{after.id}: {_grants_words(after)}")
    if before is not None and (never := [r for r in role if r not in {g.role for g in before.grants}]):
        typer.echo(f"{after.id} did not hold {', '.join(never)}: nothing was taken away there")


def reset(name: Name, at: At = HERE, data: Data = None) -> None:
    """Let a person set a new password: the old one and all open sessions end now, passkeys too.

    Example: warroom account reset ana
    """
    room, account = _Room.of(data), account_id(name)
    room.accounts.change(account, lambda a: msgspec.structs.replace(a, password="", passkeys=()))
    ended = room.sessions.end_all(account)
    code = room.accounts.invite(account, now())
    room.told("reset", account)
    typer.echo(f"{account} sets a password here, once, within three days ({ended} sessions ended):\n{_link(at, code)}")


def disable(name: Name, data: Data = None) -> None:
    """Shut an account out, within two seconds, on every screen.

    Example: warroom account disable ana
    """
    room, account = _Room.of(data), account_id(name)
    room.accounts.change(account, lambda a: msgspec.structs.replace(a, disabled=True))
    ended = room.sessions.end_all(account)
    room.told("disable", account)
    typer.echo(f"{account} is disabled; {ended} sessions ended")


def enable(name: Name, data: Data = None) -> None:
    """Let a disabled account in again.

    Example: warroom account enable ana
    """
    room, account = _Room.of(data), account_id(name)
    room.accounts.change(account, lambda a: msgspec.structs.replace(a, disabled=False))
    room.told("enable", account)
    typer.echo(f"{account} is enabled")


def sign_out(name: Name, data: Data = None) -> None:
    """End every session of an account: a lost phone, a laptop left behind.

    Example: warroom account sign-out ana
    """
    room, account = _Room.of(data), account_id(name)
    ended = room.sessions.end_all(account)
    room.told("sign out everywhere", account)
    typer.echo(f"{account}: {ended} sessions ended")


def list_(data: Data = None, as_json: Json = False) -> None:
    """List accounts: roles, when they end, last sign-in, open sessions.

    Example: warroom account list
    """
    room = _Room.of(data)
    sessions = [s.account for _, s in room.sessions.all(now())]
    rows = [
        {"account": a.id, "name": a.name, "roles": [_grant_words(g) for g in a.grants], "state": _state(a),
         "last": _when(a.last_ms), "sessions": sessions.count(a.id)}
        for a in room.accounts.all()
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        used = f"last {row['last']}" if row["last"] else "never signed in"
        roles = ", ".join(row["roles"]) or "no role"
        typer.echo(f"{row['account']}  {roles}  {row['state']}  {used}  {row['sessions']} sessions")
    typer.echo(f"{len(rows)} accounts; {room.accounts.glasses()} break-glass codes unused")


def break_glass(data: Data = None) -> None:
    """Print a code that opens the room once, as admin and director for four hours, whatever else is locked.

    Example: warroom account break-glass
    """
    room = _Room.of(data)
    code = room.accounts.new_break_glass(now())
    room.told("make break-glass code", "")
    typer.echo(f"{code}\nShown once. Seal it; its use is written into the audit log.")


def wall_new(screen: Screen, at: At = HERE, data: Data = None) -> None:
    """Make a screen's token: it only looks, for a week after it signed in; a second one replaces the first.

    Example: warroom wall-token new "north wall"
    """
    room = _Room.of(data)
    room.sessions.end_all(wall=screen)
    token = room.accounts.new_wall(screen, now())
    room.told("make wall token", screen)
    typer.echo(f"{at.rstrip('/')}/signin#{token}\nShown once. Open it on the screen {screen!r}.")


def wall_list(data: Data = None, as_json: Json = False) -> None:
    """List the screens that have a token.

    Example: warroom wall-token list
    """
    rows = [{"screen": s, "made": _when(t.made_ms)} for s, t in _Room.of(data).accounts.walls().items()]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['screen']}  made {row['made']}")


def wall_revoke(screen: Screen, data: Data = None) -> None:
    """Take a screen's token back; the screen is signed out within two seconds.

    Example: warroom wall-token revoke "north wall"
    """
    room = _Room.of(data)
    if not room.accounts.drop_wall(screen):
        raise typer.BadParameter(f"no token for {screen!r}: `warroom wall-token list` shows them")
    room.sessions.end_all(wall=screen)
    room.told("revoke wall token", screen)
    typer.echo(f"{screen}: revoked")


def _state(account: Account) -> str:
    if account.disabled:
        return "disabled"
    return "active" if account.password or account.last_ms else "invited"


def _when(at_ms: int | None) -> str:
    return "" if at_ms is None else f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _grant_words(grant: Grant) -> str:
    region = f" ({grant.region})" if grant.region else ""
    ends = (
        "" if grant.until_ms is None else f" {'ended' if grant.until_ms <= now() else 'until'} {_when(grant.until_ms)}"
    )
    return f"{grant.role}{region}{ends}"


def _grants_words(account: Account) -> str:
    return ", ".join(_grant_words(g) for g in account.grants) or "no role"
