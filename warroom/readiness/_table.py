"""The findings on a terminal: a colour and a word for each light. What outside files say stays text."""

from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from warroom.readiness._finding import LIGHTS, MEANING, Light
from warroom.readiness._run import Found

STYLE: dict[Light, str] = {
    "green": "green", "unknown": "cyan", "amber": "bold yellow", "red": "bold white on red",
}  # fmt: skip
WORD: dict[Light, str] = {"green": "green", "unknown": "not seen", "amber": "AMBER", "red": "RED"}


def show(console: Console, heading: str, found: Iterable[Found]) -> None:
    """Print the table and, below it, how many of each light there are."""
    table = Table(title=Text(heading), title_justify="left")
    for name, least in (("light", 8), ("looked at", 12), ("how it is → what to do", 24)):
        table.add_column(name, min_width=least, overflow="fold")
    counts: Counter[Light] = Counter()
    for part in found:
        table.add_section()
        if [finding.name for finding in part.findings] != [part.title]:
            table.add_row("", Text(part.title, "bold"), "")
        for finding in part.findings:
            counts[finding.light] += 1
            said = Text(finding.what)
            if finding.remedy:
                said.append(f"\n→ {finding.remedy}", "bold")
            table.add_row(Text(WORD[finding.light], STYLE[finding.light]), Text(finding.name), said)
    console.print(table)
    for light in reversed(LIGHTS):
        if counts[light]:
            console.print(Text.assemble((f"{counts[light]} {WORD[light]}", STYLE[light]), f": {MEANING[light]}"))
