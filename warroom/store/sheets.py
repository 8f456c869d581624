"""Paper sheets that two people type blind: what each typed, until it agrees or was settled from the paper."""

from collections.abc import Sequence

import msgspec

from warroom.store import keys
from warroom.store.client import Client, as_text

_FIRST, _SECOND, _LINE, _SETTLED = "first", "second", "line", "settled"
_MARK = "\x1f"


class SheetIsFullError(Exception):
    """Two people have typed this sheet already; the text names them."""


class Person(msgspec.Struct, frozen=True):
    """Who types a sheet, by initials, and when they first handed something in."""

    by: str
    at_ms: int


class TypedLine(msgspec.Struct, frozen=True):
    """One line of one person; `line` is known to the web server only, `id` comes from the browser."""

    id: str
    by: str
    at_ms: int
    place: int
    line: bytes


class Sheet(msgspec.Struct, frozen=True):
    """A sheet as it stands. `lines` are in the order of their typing, `settled` is what was looked up."""

    first: Person
    second: Person | None
    lines: tuple[TypedLine, ...]
    settled: frozenset[str]

    def of(self, person: Person | None) -> list[bytes]:
        """What one of the two typed."""
        return [line.line for line in self.lines if person is not None and line.by == person.by]


class SheetStore:
    """Each step is one HSETNX: of two people at once exactly one is the first, and nothing is typed over.

    Every line is a field of its own: a sheet may be handed in bit by bit, and twice the same changes nothing.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, sheet: str, by: str, at_ms: int, lines: Sequence[tuple[str, bytes]]) -> Sheet:
        """Add (id, line) of one person; gives the sheet as it then stands. Raises SheetIsFullError for a third."""
        me = msgspec.msgpack.encode(Person(by, at_ms))
        for part in (_FIRST, _SECOND):
            self._client.hsetnx(keys.SHEETS, _field(sheet, part), me)
            held = msgspec.msgpack.decode(self._client.hget(keys.SHEETS, _field(sheet, part)), type=Person)
            if held.by == by:
                break
        else:
            first = self.all()[sheet].first
            raise SheetIsFullError(f"sheet {sheet} was typed by {first.by} and {held.by} already")
        with self._client.pipeline(transaction=True) as pipe:
            for place, (line_id, line) in enumerate(lines):
                typed = msgspec.msgpack.encode(TypedLine(line_id, by, at_ms, place, line))
                pipe.hsetnx(keys.SHEETS, _field(sheet, _LINE, line_id), typed)
            pipe.execute()
        return self.all()[sheet]

    def all(self) -> dict[str, Sheet]:
        """Every sheet by its number."""
        people: dict[tuple[str, str], Person] = {}
        lines: dict[str, list[TypedLine]] = {}
        settled: dict[str, set[str]] = {}
        for field, raw in self._client.hgetall(keys.SHEETS).items():
            sheet, part, *rest = as_text(field).split(_MARK, 2)
            if part == _LINE:
                lines.setdefault(sheet, []).append(msgspec.msgpack.decode(raw, type=TypedLine))
            elif part == _SETTLED:
                settled.setdefault(sheet, set()).add(rest[0])
            else:
                people[sheet, part] = msgspec.msgpack.decode(raw, type=Person)
        return {
            sheet: Sheet(
                first,
                people.get((sheet, _SECOND)),
                tuple(sorted(lines.get(sheet, ()), key=lambda line: (line.at_ms, line.place, line.id))),
                frozenset(settled.get(sheet, ())),
            )
            for (sheet, part), first in people.items()
            if part == _FIRST
        }

    def settle(self, sheet: str, what: str, by: str) -> bool:
        """Say that this difference was looked up. False where somebody had done so."""
        return bool(self._client.hsetnx(keys.SHEETS, _field(sheet, _SETTLED, what), by))


def _field(*parts: str) -> str:
    return _MARK.join(parts)
