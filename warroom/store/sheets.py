"""Paper sheets that two people type blind: what each typed, until it agrees or was settled from the paper."""

import msgspec

from warroom.store import keys
from warroom.store.client import Client, as_text

FIRST, SECOND = "first", "second"


class Typed(msgspec.Struct, frozen=True):
    """One person's typing of one sheet; `lines` is theirs as JSON, known to the web server only."""

    by: str
    at_ms: int
    lines: bytes


class SheetStore:
    """Each step is one HSETNX: of two people at once exactly one is the first, and nothing is typed over."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, sheet: str, typed: Typed) -> tuple[Typed, Typed | None]:
        """Keep a typing as the sheet's first or second; gives both as they now stand.

        The same person again changes nothing. Raises SheetIsFullError for a third person.
        """
        raw = msgspec.msgpack.encode(typed)
        first = self._once(sheet, FIRST, raw)
        if first.by == typed.by:
            return first, self._get(sheet, SECOND)
        second = self._once(sheet, SECOND, raw)
        if second.by != typed.by:
            raise SheetIsFullError(f"sheet {sheet} was typed by {first.by} and {second.by} already")
        return first, second

    def all(self) -> dict[str, tuple[Typed, Typed | None, frozenset[str]]]:
        """{sheet: first typing, second or None, what was settled}."""
        typed: dict[str, dict[str, Typed]] = {}
        settled: dict[str, set[str]] = {}
        for field, raw in self._client.hgetall(keys.SHEETS).items():
            sheet, _, part = as_text(field).partition("\x1f")
            if part in (FIRST, SECOND):
                typed.setdefault(sheet, {})[part] = msgspec.msgpack.decode(raw, type=Typed)
            else:
                settled.setdefault(sheet, set()).add(part)
        return {
            sheet: (both[FIRST], both.get(SECOND), frozenset(settled.get(sheet, ())))
            for sheet, both in typed.items()
            if FIRST in both
        }

    def settle(self, sheet: str, what: str, by: str) -> bool:
        """Say that this difference was looked up. False where somebody had done so."""
        return bool(self._client.hsetnx(keys.SHEETS, f"{sheet}\x1f{what}", by))

    def _once(self, sheet: str, part: str, raw: bytes) -> Typed:
        self._client.hsetnx(keys.SHEETS, f"{sheet}\x1f{part}", raw)
        held = self._get(sheet, part)
        return held if held is not None else msgspec.msgpack.decode(raw, type=Typed)

    def _get(self, sheet: str, part: str) -> Typed | None:
        raw = self._client.hget(keys.SHEETS, f"{sheet}\x1f{part}")
        return msgspec.msgpack.decode(raw, type=Typed) if raw is not None else None


class SheetIsFullError(Exception):
    """Two people have typed this sheet already; the text names them."""
