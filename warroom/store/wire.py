"""How reports travel inside the store: one frame is a msgpack array of items, an item is an array.

The item layouts stand at the head of `warroom/tally/apply.lua`, their only reader.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from warroom.domain.readings import tie_of
from warroom.domain.reports import Ad, Checkins, Contact, Correction, EarlyVote, Money, Reject, Report, Shift
from warroom.store.keys import early_unit, precinct_unit, shard_of, site_unit

READING, CORRECTION, EVENT, HOLD, REJECT = 1, 2, 3, 4, 9
Item = list[Any]

_msgpack = msgspec.msgpack.Encoder()
_json = msgspec.json.Encoder(order="deterministic")


def report_key(source: str, report_id: str) -> str:
    """The identity of a report: unique in the whole day."""
    return f"{source}\x1f{report_id}"


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware moment."""
    return round(moment.timestamp() * 1000)


def frames(reports: Iterable[Report], rejects: Iterable[Reject], shards: int) -> dict[int, bytes]:
    """Split items by shard and pack them: {shard: frame}. A correction goes to every shard."""
    split: dict[int, list[Item]] = {}
    for report in reports:
        item, route = _report_item(report)
        home = shard_of(route, shards)
        if item[0] == CORRECTION:
            for shard in range(shards):
                split.setdefault(shard, []).append([*item, int(shard == home)])
        else:
            split.setdefault(home, []).append(item)
    for reject in rejects:
        split.setdefault(shard_of(reject.digest, shards), []).append(_reject_item(reject))
    return {shard: _msgpack.encode(items) for shard, items in split.items()}


def hold_frame(order: int, source: str, held: bool, note: str) -> bytes:
    """A frame of one decision on a source; `order` is higher than that of every decision before it."""
    return _msgpack.encode([[HOLD, order, source, int(held), note]])


def _report_item(report: Report) -> tuple[Item, str]:
    tie = tie_of(report.source, report.id)
    at_ms, received_ms = epoch_ms(report.at), epoch_ms(report.received or report.at)
    if isinstance(report, Correction):
        count = -1 if report.void or report.count is None else report.count
        key = report_key(report.corrects_source or report.source, report.corrects)
        digest = tie_of("correction", str(at_ms), key, str(count))
        return [CORRECTION, report.source, report.id, tie, digest, at_ms, received_ms, key, count], key
    if isinstance(report, Checkins | EarlyVote):
        unit = unit_of(report)
        digest = tie_of(unit, str(at_ms), str(report.count))
        return [READING, report.source, report.id, tie, digest, at_ms, received_ms, unit, report.count], unit
    place, sum_key, amount = _event_place(report)
    payload = _json.encode(msgspec.structs.replace(report, received=None)).decode()
    digest = tie_of(payload)
    kind = report.__struct_config__.tag
    item = [
        EVENT,
        report.source,
        report.id,
        tie,
        digest,
        at_ms,
        received_ms,
        kind,
        place,
        sum_key,
        amount,
        payload,
    ]
    return item, place


def unit_of(report: Checkins | EarlyVote) -> str:
    """The counter that this report reads."""
    if isinstance(report, EarlyVote):
        return early_unit(report.precinct, report.method)
    if report.precinct is not None:
        return precinct_unit(report.precinct)
    return site_unit(report.site or "")


def _event_place(report: Report) -> tuple[str, str, int]:
    if isinstance(report, Contact):
        return report.precinct, f"contact|{report.precinct}|{report.channel}|{report.result}", 1
    if isinstance(report, Shift):
        return report.volunteer, "", 0
    if isinstance(report, Money | Ad):
        kind = "money" if isinstance(report, Money) else "ad"
        return report.campaign, f"{kind}|{report.campaign}", report.amount
    precinct = getattr(report, "precinct", None)
    return getattr(report, "site", None) or precinct or "", "", 0


def _reject_item(reject: Reject) -> Item:
    payload = _json.encode(reject).decode()
    return [REJECT, reject.digest, epoch_ms(reject.received), tie_of(payload), payload]
