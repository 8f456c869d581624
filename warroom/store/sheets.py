"""Paper sheets that two people type blind: what each typed, until it agrees or was settled from the paper."""

from collections.abc import Sequence
from uuid import uuid4

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
        first = self._claim(sheet, _FIRST, by, at_ms)
        if first.by != by:
            second = self._claim(sheet, _SECOND, by, at_ms)
            if second.by != by:
                raise SheetIsFullError(f"sheet {sheet} was typed by {first.by} and {second.by} already")
        with self._client.pipeline(transaction=True) as pipe:
            for place, (line_id, line) in enumerate(lines):
                typed = msgspec.msgpack.encode(TypedLine(line_id, by, at_ms, place, line))
                pipe.hsetnx(keys.SHEET + sheet, _field(_LINE, line_id), typed)
            self._mark(pipe, sheet)
            pipe.execute()
        return self.some([sheet])[sheet]

    def marks(self) -> dict[str, str]:
        """{sheet: mark of its last change} of every sheet; another mark says that it is to be read again."""
        return {as_text(sheet): as_text(mark) for sheet, mark in self._client.hgetall(keys.SHEETS).items()}

    def some(self, sheets: Sequence[str]) -> dict[str, Sheet]:
        """These sheets by their numbers; without those that nobody has typed."""
        with self._client.pipeline(transaction=False) as pipe:
            for sheet in sheets:
                pipe.hgetall(keys.SHEET + sheet)
            found = {sheet: _sheet(parts) for sheet, parts in zip(sheets, pipe.execute(), strict=True)}
        return {sheet: now for sheet, now in found.items() if now is not None}

    def settle(self, sheet: str, what: str, by: str) -> bool:
        """Say that this difference was looked up. False where somebody had done so."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hsetnx(keys.SHEET + sheet, _field(_SETTLED, what), by)
            self._mark(pipe, sheet)
            return bool(pipe.execute()[0])

    def _claim(self, sheet: str, part: str, by: str, at_ms: int) -> Person:
        """Who is this sheet's first or second person: `by`, unless another was before."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hsetnx(keys.SHEET + sheet, part, msgspec.msgpack.encode(Person(by, at_ms)))
            pipe.hget(keys.SHEET + sheet, part)
            self._mark(pipe, sheet)
            return msgspec.msgpack.decode(pipe.execute()[1], type=Person)

    @staticmethod
    def _mark(pipe: Client, sheet: str) -> None:
        pipe.hset(keys.SHEETS, sheet, uuid4().hex)


def _sheet(parts: dict[bytes, bytes]) -> Sheet | None:
    people: dict[str, Person] = {}
    lines: list[TypedLine] = []
    settled: set[str] = set()
    for field, raw in parts.items():
        part, _, name = as_text(field).partition(_MARK)
        if part == _LINE:
            lines.append(msgspec.msgpack.decode(raw, type=TypedLine))
        elif part == _SETTLED:
            settled.add(name)
        else:
            people[part] = msgspec.msgpack.decode(raw, type=Person)
    if _FIRST not in people:
        return None
    lines.sort(key=lambda line: (line.at_ms, line.place, line.id))
    return Sheet(people[_FIRST], people.get(_SECOND), tuple(lines), frozenset(settled))


def _field(part: str, name: str) -> str:
    return part + _MARK + name
