"""What an import met on its way: faults (something was left out) and notes (something was put right or guessed)."""

from pathlib import Path

import msgspec

from warroom.dayfolder.faults import Fault, quoted

_FAULTS_KEPT = 2_000  # a file that is wrong in every row must not fill the memory
_EXAMPLES = 5


class ImportProblem(ValueError):
    """A source, an option or the whole import cannot be used; `fault` says which, and what to do."""

    def __init__(self, file: str | Path, found: str, expected: str, remedy: str, **where: object) -> None:
        name = Path(file).name or str(file)
        self.fault = Fault(name, where.get("line"), str(where.get("column", "")), found, expected, remedy)  # type: ignore[arg-type]
        super().__init__(str(self.fault))


class Note(msgspec.Struct):
    """Something that was repaired, guessed or left out on purpose: how often, and where for example."""

    file: str
    what: str
    count: int = 0
    examples: list[str] = msgspec.field(default_factory=list)
    remedy: str = ""

    def __str__(self) -> str:
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        such = f", such as {'; '.join(self.examples)}" if self.examples else ""
        return f"{self.file}: {self.what}{times}{such}.{' ' + self.remedy if self.remedy else ''}"


class Findings:
    """Collects both while the sources are read. A fault means that a row, a field or a source was left out."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.fault_count = 0
        self._notes: dict[tuple[str, str], Note] = {}

    @property
    def notes(self) -> list[Note]:
        """Every note, in the order in which its kind was first met."""
        return list(self._notes.values())

    def add(self, fault: Fault) -> None:
        """Keep a fault; beyond 2,000 only their number is kept."""
        self.fault_count += 1
        if len(self.faults) < _FAULTS_KEPT:
            self.faults.append(fault)

    def fault(self, file: str, line: int | None, column: str, found: object, expected: str, remedy: str) -> None:
        """Keep a fault of one place in a file; `found` is quoted unless it is plain words already (a str)."""
        self.add(Fault(file, line, column, found if isinstance(found, str) else quoted(found), expected, remedy))

    def note(self, file: str, what: str, example: str = "", remedy: str = "") -> None:
        """Count one more of this kind in this file; the first few examples are kept."""
        note = self._notes.setdefault((file, what), Note(file, what, remedy=remedy))
        note.count += 1
        if example and len(note.examples) < _EXAMPLES and example not in note.examples:
            note.examples.append(example if len(example) <= 80 else example[:77] + "...")
