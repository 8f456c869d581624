"""The days on which files were dropped into a watched folder, and what became of them all."""

from datetime import UTC, datetime, timedelta

from warroom.domain.reports import Correction, EarlyVote

MONDAY = datetime(2025, 6, 22, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def last_counts(intake):
    """{(precinct, method): the last count that no correction voids}."""
    voided = {report.corrects for report in intake.reports if isinstance(report, Correction)}
    early = [report for report in intake.reports if isinstance(report, EarlyVote) and report.id not in voided]
    return {(r.precinct, r.method): r.count for r in sorted(early, key=lambda r: r.at)}
