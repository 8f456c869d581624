"""One source as given on the command line: `LABEL=FILE?option=value&option=value`."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

from warroom.dayimport.findings import ImportProblem


@dataclass(frozen=True)
class Source:
    """A file (or folder, for VIP flat files), its label where it has one, and its options."""

    path: Path
    label: str = ""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name that faults and notes use."""
        return self.path.name

    def option(self, name: str, default: str = "") -> str:
        """An option's value, stripped."""
        return self.options.get(name, default).strip()

    def keeps(self, row: dict[str, str]) -> bool:
        """Whether a row passes every `column:value` of `where=`, commas between them (case does not matter)."""
        for condition in filter(None, self.option("where").split(",")):
            column, _, value = condition.partition(":")
            if row.get(column.strip().lower(), "").casefold() != value.strip().casefold():
                return False
        return True


def parse_source(text: str, known: Collection[str], labelled: bool = False) -> Source:
    """Read one option of the command line. Raises ImportProblem for a file that is not there or an unknown option.

    A path that exists as it stands is taken whole, even where it holds a question mark.
    """
    label, rest = "", text
    if labelled:
        label, equals, rest = text.partition("=")
        if not equals or not label.strip() or "?" in label:
            remedy = "Name the election, such as 2024-11-05_general=file.csv."
            raise ImportProblem(text, "no label", "LABEL=FILE", remedy)
    path, options = rest, ""
    if not Path(rest).exists():
        path, _, options = rest.partition("?")
    given = dict(parse_qsl(options, keep_blank_values=True))
    for name in given:
        if name not in known:
            found, expected = f"the option {name!r}", f"options among {', '.join(known)}"
            raise ImportProblem(path, found, expected, "Check the spelling.")
    if not path or not Path(path).exists():
        raise ImportProblem(path or text, "no such file", "a file that is there", "Check the path.")
    return Source(Path(path), label.strip(), given)
