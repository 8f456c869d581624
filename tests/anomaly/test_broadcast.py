"""A screen that had the snapshot and every delta shows what a screen that opens now shows, for few bytes."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.broadcast import SELDOM_S, Broadcast

CLOCK, DAY = {"now_ms": 1, "rate": 1.0}, {"name": "Test"}
alerts = st.lists(
    st.builds(lambda n, reason: {"id": f"a{n}", "reason": reason}, st.integers(0, 5), st.sampled_from("xyz")),
    max_size=5, unique_by=lambda row: row["id"],
)  # fmt: skip
looks = st.lists(
    st.tuples(alerts, st.integers(0, 3), st.lists(st.integers(0, 255), min_size=4, max_size=4)), min_size=2
)


def send(broadcast, rows, votes, cells, now_s):
    sections = {"headline": {"votes": votes}, "alerts": rows, "curve": {"votes": votes}}
    raw = broadcast.update(DAY, CLOCK, 0, np.array(cells, dtype=np.uint8), sections, now_s)
    return [msgspec.json.decode(part) if part else None for part in raw]


@given(looks)
def test_snapshot_and_deltas_give_the_next_snapshot(days):
    broadcast, shown = Broadcast("e"), None
    for number, (rows, votes, cells) in enumerate(days):
        snapshot, delta = send(broadcast, rows, votes, cells, number * 60.0)
        if delta is None:
            shown = snapshot
            continue
        assert (delta["prev"], delta["seq"]) == (shown["seq"], shown["seq"] + 1)
        known = {row["id"]: row for row in [*shown["alerts"], *delta.get("alerts", {"rows": []})["rows"]]}
        if "alerts" in delta:
            shown["alerts"] = [known[alert_id] for alert_id in delta["alerts"]["order"]]
        shown |= {name: delta[name] for name in ("headline", "curve", "seq") if name in delta}
        assert {k: shown[k] for k in ("alerts", "headline", "curve", "seq")} == {
            k: snapshot[k] for k in ("alerts", "headline", "curve", "seq")
        }


def test_only_changed_alerts_are_sent():
    broadcast = Broadcast("e")
    first, second = {"id": "a", "reason": "x"}, {"id": "b", "reason": "y"}
    send(broadcast, [first, second], 1, [0] * 4, 0)
    _, delta = send(broadcast, [second, first, {"id": "c", "reason": "z"}], 1, [0] * 4, 1)
    assert delta["alerts"] == {"order": ["b", "a", "c"], "rows": [{"id": "c", "reason": "z"}]}
    assert "headline" not in delta


def test_a_section_that_changes_with_every_look_waits_its_turn():
    broadcast = Broadcast("e")
    send(broadcast, [], 1, [0] * 4, 0)
    snapshot, delta = send(broadcast, [], 2, [0] * 4, 1)
    assert "curve" not in delta
    assert snapshot["curve"] == {"votes": 1}  # who opens now sees what the others see
    assert send(broadcast, [], 3, [0] * 4, SELDOM_S["curve"])[1]["curve"] == {"votes": 3}


def test_the_first_update_of_a_run_makes_everybody_start_over():
    snapshot, delta = send(Broadcast("e"), [], 1, [0] * 4, 0)
    assert delta is None
    assert snapshot["epoch"] == "e"


@pytest.mark.parametrize(("n", "width"), [(100, 2), (65_536, 4)])
def test_an_index_has_as_many_bytes_as_it_needs(n, width):
    broadcast = Broadcast("e")
    send(broadcast, [], 1, [0] * n, 0)
    assert send(broadcast, [], 1, [0] * (n - 1) + [7], 1)[1]["w"] == width
