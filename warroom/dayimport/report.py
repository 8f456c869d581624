"""The match report: what joined, what did not, at what rate, and what to do. As JSON, Markdown and for the terminal."""

from pathlib import Path

import msgspec

from warroom.dayfolder.faults import Fault, describe
from warroom.dayimport.carry import Carried
from warroom.dayimport.findings import Note
from warroom.dayimport.joining import Join
from warroom.dayimport.vip_sites import VipFigures

JSON, MARKDOWN = "import-report.json", "import-report.md"


class ImportReport(msgspec.Struct):
    """Everything that an import has to say. `check_faults` is what `warroom check` would refuse the folder for."""

    out: str
    ok: bool = False
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    joins: list[Join] = msgspec.field(default_factory=list)
    vip: VipFigures | None = None
    history: list[Carried] = msgspec.field(default_factory=list)
    faults: list[Fault] = msgspec.field(default_factory=list)
    fault_count: int = 0
    notes: list[Note] = msgspec.field(default_factory=list)
    written: list[str] = msgspec.field(default_factory=list)
    check_faults: list[Fault] = msgspec.field(default_factory=list)
    check_warnings: list[Fault] = msgspec.field(default_factory=list)


def as_json(report: ImportReport) -> bytes:
    """The report as one JSON object."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1)


def save(report: ImportReport, folder: Path) -> None:
    """Write both forms into the folder."""
    (folder / JSON).write_bytes(as_json(report) + b"\n")
    (folder / MARKDOWN).write_text(as_markdown(report), encoding="utf-8")


def as_text(report: ImportReport) -> str:
    """For the terminal."""
    lines = [f"{report.out}: " + ", ".join(f"{value:,} {name}" for name, value in report.counts.items())]
    lines += [f"  {line}" for join in report.joins for line in join_lines(join)]
    if report.vip:
        lines += [f"  {vip_line(report.vip)}"]
    lines += [f"  {line}" for carried in report.history for line in carried_lines(carried)]
    lines += [f"  note: {note}" for note in report.notes]
    if report.faults:
        lines += [f"{report.fault_count:,} faults; what they name was left out:", *describe(report.faults)]
    if report.written:
        lines.append(f"written: {', '.join(report.written)}")
    for fault in report.check_faults:
        lines.append(f"warroom check: {fault}")
    for warning in report.check_warnings:
        lines.append(f"note of warroom check: {warning}")
    return "\n".join(lines)


def join_lines(join: Join) -> list[str]:
    """A join in one line, and a second one for what did not meet."""
    lines = [
        f"{join.source}, {join.what}: {join.matched:,} of {join.rows:,} rows ({join.rate:.1%}) meet "
        f"{join.precincts_met:,} of {join.precincts:,} precincts ({join.precinct_rate:.1%}), {join.how}"
    ]
    if join.unmatched:
        lines.append(f"  not met: {'; '.join(join.unmatched)}. {join.remedy}".rstrip())
    if join.unmet:
        lines.append(f"  precincts without a row: {'; '.join(join.unmet)}")
    return lines


def vip_line(vip: VipFigures) -> str:
    """The figures of a VIP feed."""
    return (
        f"VIP: {vip.precincts - vip.mail_only:,} precincts vote in person; {vip.with_location:,} "
        f"({vip.with_location_share:.1%}) name an election-day location, {vip.with_coordinates:,} "
        f"({vip.with_coordinates_share:.1%}) one with usable coordinates; {vip.polling_locations:,} locations, "
        f"{vip.election_day_locations:,} of them for the day"
    )


def carried_lines(carried: Carried) -> list[str]:
    """A carried election in one line, and a second one for what was lost."""
    bound = f", {carried.lower_bound_precincts:,} of them lower bounds" if carried.lower_bound_precincts else ""
    lines = [
        f"{carried.election_id} ({carried.file}, {carried.format}): {carried.ballots:,.0f} ballots of "
        f"{carried.old_precincts:,} precincts{bound}, carried {carried.method}: {carried.whole_share:.1%} whole, "
        f"{carried.split_share:.1%} split, {carried.lost_share:.1%} lost; {carried.precincts_with_history:,} precincts "
        "of the day have a figure"
    ]
    if carried.lost:
        lines.append(f"  lost: {'; '.join(carried.lost)}")
    if carried.remedy:
        lines.append(f"  {carried.remedy}")
    return lines


def as_markdown(report: ImportReport) -> str:
    """The same for people, as a file."""
    parts = [f"# Import report: {Path(report.out).name}", "", "What joined, what did not, and what to do about it.", ""]
    if report.joins:
        parts += ["## Joins", "", "| source | what | rows | met | precincts met | how |", "|---|---|--:|--:|--:|---|"]
        parts += [
            f"| {_cell(j.source)} | {j.what} | {j.rows:,} | {j.rate:.1%} | {j.precincts_met:,} of {j.precincts:,} "
            f"({j.precinct_rate:.1%}) | {_cell(j.how)} |"
            for j in report.joins
        ]
        parts += ["", *(f"- {_cell(line.strip())}" for j in report.joins for line in join_lines(j)[1:]), ""]
    if report.vip:
        parts += [vip_line(report.vip) + ".", ""]
    if report.history:
        parts += [
            "## History",
            "",
            "| election | ballots | carried | whole | split | lost |",
            "|---|--:|---|--:|--:|--:|",
        ]
        parts += [
            f"| {_cell(c.election_id)} | {c.ballots:,.0f} | {_cell(c.method)} | {c.whole_share:.1%} | "
            f"{c.split_share:.1%} | {c.lost_share:.1%} |"
            for c in report.history
        ]
        parts += ["", *(f"- {_cell(c.election_id)}: {_cell(line.strip())}" for c in report.history
                        for line in carried_lines(c)[1:]), ""]  # fmt: skip
    for title, items in (("Notes", report.notes), ("Notes of `warroom check`", report.check_warnings)):
        if items:
            parts += [f"## {title}", "", *(f"- {_cell(str(item))}" for item in items), ""]
    if report.faults:
        parts += [f"## {report.fault_count:,} faults", "", "What they name was left out.", "", "```"]
        parts += [*(line.replace("```", "'''") for line in describe(report.faults)), "```", ""]
    return "\n".join(parts)


def _cell(text: str) -> str:
    """Outside text inside Markdown: no table breaks, no HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
