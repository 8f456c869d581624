"""People, screens, keys: who manages access, who approves, who was never seen, and the way in when all else fails."""

from collections.abc import Sequence
from dataclasses import dataclass

from warroom.access.accounts import Account, AccountStore
from warroom.access.roles import Role
from warroom.access.shared_keys import Access, AccessError
from warroom.domain.apikeys import ApiKey
from warroom.readiness._finding import Finding, green, some
from warroom.readiness._place import Place
from warroom.store.apikeys import KeyStore
from warroom.store.wire import epoch_ms
from warroom.texting.rules import FILE as TEXTING
from warroom.texting.rules import TextingError, load_texting

ORDER, TITLE = 65, "Accounts and keys"
NEW_KEY = "`openssl rand -hex 16` makes one"
APPROVERS = 2  # above a size two people approve a text (warroom/domain/texts.py)


@dataclass(frozen=True)
class Facts:
    """Accounts and keys as the store and the environment hold them. `on` ends a command: where its store is."""

    access: Access | None
    fault: str
    accounts: list[Account]
    screens: int
    glasses: int
    keys: list[ApiKey]
    texting: bool
    now_ms: int
    ends_ms: int
    on: str
    sends: bool = False  # its texts go out: no dry run


def look(place: Place) -> Facts:
    """Read accounts, tokens and API keys. Raises NotLooked where no room runs."""
    client = place.store()
    store = AccountStore(client)
    access, fault = None, ""
    try:
        access = Access.from_environment(place.environ, "127.0.0.1")
    except AccessError as error:
        fault = str(error)
    return Facts(
        access, fault, store.all(), len(store.walls()), store.glasses(), list(KeyStore(client).all().values()),
        (place.folder.path / TEXTING).exists(), epoch_ms(place.now), epoch_ms(place.folder.day.closes_at), place.on,
        _sends(place),
    )  # fmt: skip


def _sends(place: Place) -> bool:
    try:
        texting = load_texting(place.folder.path)
    except TextingError:
        return False  # what is wrong stands under Texting
    return texting is not None and texting.sender != "dryrun"


def judge(facts: Facts) -> list[Finding]:
    """Open room, shared keys, or people."""
    if facts.fault:
        return [Finding("keys", "red", facts.fault, f"{NEW_KEY}; set it where the room starts")]
    people = bool(facts.accounts) or (facts.access is not None and facts.access.accounts)
    if not people:
        return [_shared(facts), *([_approvers(facts)] if facts.sends else []), *_api_keys(facts)]
    approvers = [_approvers(facts), *_passkeys(facts)] if facts.texting else _passkeys(facts)
    return [
        _holder(facts, "admins", "admin"), _holder(facts, "directors", "director"), *approvers,
        _unused(facts), _glass(facts), _screens(facts), *_api_keys(facts),
    ]  # fmt: skip


def _shared(facts: Facts) -> Finding:
    if facts.access is None or facts.access.open_room:
        what = "open room: no accounts and no keys, so it answers this machine only"
        return green("way in", what)
    if not facts.access.wall_key:
        remedy = f"set WARROOM_WALL_KEY where the room starts ({NEW_KEY}); screens then only look"
        return Finding("way in", "amber", "a director's key, and none that only looks", remedy)
    return green("way in", "shared keys: one to look, one to act; the log cannot tell people apart")


def _able(facts: Facts, role: Role) -> tuple[list[Account], list[Account]]:
    """(who has the role now, who has it when the polls close): people who can sign in."""

    def may(at_ms: int) -> list[Account]:
        return [a for a in facts.accounts if _can_sign_in(a) and any(g.role == role for g in a.live(at_ms))]

    return may(facts.now_ms), may(facts.ends_ms)


def _holder(facts: Facts, name: str, role: Role) -> Finding:
    now, then = _able(facts, role)
    if not now:
        remedy = f"`warroom account invite NAME --role {role}{facts.on}`, and have them set their password tonight"
        return Finding(name, "red", f"nobody who can sign in has the role {role}", remedy)
    if not then:
        remedy = f"`warroom account grant {now[0].id} --role {role}{facts.on}` grants it without an end"
        return Finding(name, "red", f"every grant of {role} ends before the polls close", remedy)
    return green(name, f"{len(then)}: {some(a.id for a in then)}")


def _approvers(facts: Facts) -> Finding:
    then = _able(facts, "approver")[1]
    if len(then) < APPROVERS:
        remedy = f"`warroom account invite NAME --role approver{facts.on}` until there are {APPROVERS}"
        what = f"{len(then)} can approve texts until the polls close; large ones need {APPROVERS}"
        return Finding("approvers", "amber", what, remedy)
    return green("approvers", f"{len(then)}: {some(a.id for a in then)}")


def _passkeys(facts: Facts) -> list[Finding]:
    """Whether a password alone is enough to approve, and whether whoever needs a passkey has one."""
    strict = sorted(facts.access.passkey_roles) if facts.access else []
    if not strict:
        approvers = [a.id for a in _able(facts, "approver")[1]] if facts.texting else []
        remedy = "set WARROOM_PASSKEY_ROLES=approver,admin where the room starts; each adds a passkey beside their name"
        what = f"a password alone approves texts: {some(approvers)}"
        return [Finding("passkeys", "amber", what, remedy)] if approvers else []
    holders = [_able(facts, role)[1] for role in strict]
    lacking = sorted({a.id for able in holders for a in able if not a.passkeys})
    if not lacking:
        return [green("passkeys", f"{' and '.join(strict)} act with a passkey only, and all have one")]
    nobody = any(able and not any(a.passkeys for a in able) for able in holders)
    remedy = "they sign in by the room's https name and press Add a passkey beside their name"
    what = f"cannot act before they add a passkey: {some(lacking)}"
    return [Finding("passkeys", "red" if nobody else "amber", what, remedy)]


def _unused(facts: Facts) -> Finding:
    never = [a.id for a in facts.accounts if not a.disabled and not _can_sign_in(a)]
    if never:
        name = f"{never[0]}{facts.on}"
        remedy = f"`warroom account reset {name}` prints a new link; or `warroom account disable {name}`"
        return Finding("never used", "amber", f"invited and never seen: {some(never)}", remedy)
    return green("never used", f"all {len(facts.accounts)} accounts have been used")


def _glass(facts: Facts) -> Finding:
    if not facts.glasses:
        remedy = f"`warroom account break-glass{facts.on}`, and seal what it prints in an envelope in the room"
        return Finding("break-glass", "amber", "no code is made: a lock-out could not be opened on the day", remedy)
    return green("break-glass", f"{facts.glasses} unused")


def _screens(facts: Facts) -> Finding:
    if not facts.screens and not (facts.access and facts.access.wall_key):
        remedy = f'`warroom wall-token new "north wall"{facts.on}`, one for each screen'
        return Finding("screens", "amber", "no screen has a token, and there is no wall key", remedy)
    return green("screens", f"{facts.screens} with a token" + ("; wall key set" if _has_wall_key(facts) else ""))


def _api_keys(facts: Facts) -> Sequence[Finding]:
    if not facts.keys:
        return []
    ended = [key for key in facts.keys if key.revoked_ms is None and key.over(facts.ends_ms)]
    if ended:
        names = some(sorted({key.source for key in ended}))
        remedy = f"`warroom key new {ended[0].source}{facts.on}`, and give it to them"
        return [Finding("API keys", "amber", f"over before the polls close: {names}", remedy)]
    return [green("API keys", f"{sum(key.revoked_ms is None for key in facts.keys)} open until the polls close")]


def _has_wall_key(facts: Facts) -> bool:
    return bool(facts.access and facts.access.wall_key)


def _can_sign_in(account: Account) -> bool:
    """Has set a password, or has come in by some other way at least once."""
    return bool(account.password) or account.last_ms is not None
