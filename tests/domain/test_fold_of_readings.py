"""What the fold believes, on readings one can follow by hand."""

import pytest

from warroom.domain.readings import CLOCK_SLACK_MS, Limits, Reading, fold, tie_of

OPEN = 1_000_000_000
LIMITS = Limits(ceiling=900, opens_ms=OPEN, day_ms=15 * 3_600_000)


def readings(*rows: tuple[int, int]) -> list[Reading]:
    """(minute, count) pairs."""
    found = []
    for n, (minute, count) in enumerate(rows):
        at_ms, name = OPEN + minute * 60_000, f"r{n}"
        found.append(Reading(source="s", id=name, tie=tie_of("s", name), at_ms=at_ms, received_ms=at_ms, count=count))
    return found


def judged(*rows: tuple[int, int]) -> list[str]:
    return [j.reason or "ok" for j in fold(readings(*rows), LIMITS)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([(60, 20), (120, 45)], ["ok", "ok"]),
        ([(60, 20), (120, 20)], ["ok", "ok"]),  # nobody came: a count may stand still
        ([(60, 57), (120, 50)], ["ok", "falls"]),  # one contradiction never moves a count
        ([(60, 20), (120, 45), (180, 30)], ["ok", "ok", "falls"]),
        ([(60, 57), (120, 570)], ["ok", "too_fast"]),  # a zero too many
        ([(60, 57), (120, 570), (180, 90)], ["ok", "too_fast", "ok"]),
        ([(60, 90), (120, 40), (180, 55)], ["unconfirmed", "ok", "ok"]),  # two that agree outweigh one
        ([(-240, 12), (60, 20)], ["before_open", "ok"]),  # PM forgotten
        ([(60, 5_322)], ["too_fast"]),
    ],
)  # fmt: skip
def test_the_longest_chain_a_real_counter_could_show_is_believed(rows, expected):
    assert judged(*rows) == expected


def test_a_reading_from_after_its_own_arrival_is_suspect():
    [late] = readings((600, 100))
    early_bird = Reading(
        source="s", id="x", tie=1, at_ms=late.at_ms, received_ms=late.at_ms - CLOCK_SLACK_MS - 1, count=100
    )
    assert fold([early_bird], LIMITS)[0].reason == "after_arrival"


def test_a_voided_reading_is_kept_and_not_believed():
    [one] = readings((60, 20))
    void = Reading(source="s", id="v", tie=2, at_ms=one.at_ms, received_ms=one.at_ms, count=20, void=True)
    assert [j.reason for j in fold([void], LIMITS)] == ["voided"]


def test_a_flood_from_one_source_costs_no_more_than_its_lookback():
    many = readings(*[(m % 900, m % 7) for m in range(3_000)])
    assert len(fold(many, LIMITS)) == 3_000
