"""The precinct's chart: readings against their expected band, on the day's own clock."""

from layouts.precinct import panel, render

HOUR_MS = 3_600_000
OPENS_MS = 1_750_759_200_000  # 2025-06-24 06:00 in New York


def detail(**changes):
    times = [OPENS_MS + hour * HOUR_MS for hour in range(4)]
    return {
        "id": "23001",
        "name": "ED 1 / AD 23",
        "region": "Queens",
        "site": "PS 114",
        "state": "low",
        "timezone": "America/New_York",
        "reported": 57,
        "expected": {"value": 71.4, "low": 60, "high": 83},
        "final": {"value": 210, "low": 180, "high": 240},
        "reason": "57 of 71 expected by 09:15",
        "readings": [
            {"at_ms": times[1], "count": 30, "status": "accepted", "reason": "", "source": "phone"},
            {"at_ms": times[2], "count": 5, "status": "suspect", "reason": "lower than before", "source": "web"},
            {"at_ms": times[3], "count": 57, "status": "accepted", "reason": "", "source": "phone"},
        ],
        "band": {"at_ms": times, "low": [0, 20, 40, 60], "mid": [0, 24, 48, 71], "high": [0, 29, 57, 83]},
        "as_of_ms": times[3],
        "opens_ms": OPENS_MS,
        "closes_ms": OPENS_MS + 15 * HOUR_MS,
        **changes,
    }


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_accepted_readings_are_solid_and_joined_and_suspect_ones_hollow_with_their_reason():
    figure = render(detail())
    seen, suspect = trace(figure, "Seen"), trace(figure, "Suspect")
    assert list(seen.y) == [30, 57]
    assert seen.mode == "lines+markers"
    assert list(suspect.y) == [5]
    assert suspect.marker.symbol == "diamond-open"
    assert suspect.text == ("lower than before",)


def test_the_axis_reads_the_days_own_clock():
    figure = render(detail())
    assert trace(figure, "Seen").x[0].isoformat() == "2025-06-24T07:00:00"
    edges = [edge.isoformat() for edge in figure.layout.xaxis.range]
    assert edges == ["2025-06-24T06:00:00", "2025-06-24T21:00:00"]


def test_the_band_is_filled_between_its_bounds():
    figure = render(detail())
    low = trace(figure, "low")
    assert low.fill == "tonexty"
    assert list(low.y) == [0, 20, 40, 60]
    assert list(trace(figure, "high").y) == [0, 29, 57, 83]
    assert list(trace(figure, "Expected").y) == [0, 24, 48, 71]


def test_a_precinct_with_nothing_yet_has_an_empty_chart():
    bare = {"id": "1", "readings": [], "reported": None}
    assert all(not trace.y for trace in render(bare).data)
    assert "no report yet" in str(panel(bare))


def test_the_panel_says_name_figures_and_reason():
    said = str(panel(detail()))
    for words in ("ED 1 / AD 23", "57 seen", "71 expected by now (60 to 83)", "57 of 71 expected by 09:15"):
        assert words in said


def test_an_unknown_precinct_is_said_to_be_unknown():
    assert "not known" in str(panel(None))
