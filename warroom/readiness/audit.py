"""The audit log: whole in the store, and its file the same as the store's."""

from dataclasses import dataclass
from pathlib import Path

from warroom.access.audit import faults
from warroom.access.audit_log import AuditLog
from warroom.readiness._finding import Finding, green
from warroom.readiness._place import Place

ORDER, TITLE = 75, "Audit log"


@dataclass(frozen=True)
class Facts:
    """Lines in the store and what is wrong with them; the same of the file, None where there is none."""

    lines: int
    found: list[str]
    file: str
    in_file: int | None
    found_in_file: list[str]
    on: str


def look(place: Place) -> Facts:
    """Read both. Raises NotLooked where no room runs."""
    log = AuditLog(place.store())
    head = log.head()
    lines = list(log.lines())
    path = Path(place.environ.get("WARROOM_AUDIT_FILE") or place.home / "audit.jsonl")
    if not path.is_file():
        return Facts(len(lines), faults(lines, head), str(path), None, [], place.on)
    kept = path.read_bytes().splitlines()
    return Facts(len(lines), faults(lines, head), str(path), len(kept), faults(kept, head), place.on)


def judge(facts: Facts) -> list[Finding]:
    """Store, then file."""
    if facts.found:
        remedy = (
            "set the store's file and audit.jsonl aside as evidence, say so to whoever answers for the room, and start "
            f"the day on a new --data folder; `warroom audit verify{facts.on}` names every line"
        )
        return [Finding("chain", "red", f"{len(facts.found)} faults: {facts.found[0]}", remedy)]
    chain = green("chain", f"{facts.lines:,} lines, unbroken")
    if facts.in_file is None:
        if not facts.lines:
            return [chain]
        remedy = f"see that {facts.file} can be written; the next action writes every line that it lacks"
        return [chain, Finding("file", "amber", f"{facts.file} is not there", remedy)]
    if facts.found_in_file:
        remedy = f"set {facts.file} aside as evidence; the next action writes a new one from the store's whole chain"
        return [chain, Finding("file", "red", f"{len(facts.found_in_file)} faults: {facts.found_in_file[0]}", remedy)]
    return [chain, green("file", f"{facts.in_file:,} lines, the same as the store's")]
