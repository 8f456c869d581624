"""Contributions through ActBlue, as money in cents by campaign: the CSV export, or saved webhook bodies.

`actblue:///path/contributions.csv`, or `.json`. Nothing of a donor is read, the names of the columns stand
below. The webhook's body has `contribution` and `lineitems`, of which each is one contribution.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from feeds._export import OPTIONS as COMMON
from feeds._export import ExportFeed, export_options
from feeds._faults import Refusal
from feeds._feed import Feed
from feeds._mapped import MappedRows
from feeds._mapping import RecordMapping
from feeds._mapping_options import read_options
from feeds._objects import read_objects
from feeds._table import read_table
from feeds._url import choice, merge_options
from warroom.domain.election import ElectionDay

SCHEMES = ("actblue",)
ABOUT = "contributions through ActBlue from its CSV export or saved webhooks, in cents by campaign"
OPTIONS = (*COMMON, "format", "campaign", "timezone")

ZONE = "America/New_York"  # of the times in the CSV, which name none
_MONEY: dict[str, Any] = {"kind": "money", "source": "actblue", "multiply": {"amount": 100}}
CSV = _MONEY | {
    "fields": {"id": "Lineitem ID", "at": "Date", "amount": "Amount", "campaign": "Recipient Committee"},
}
REFUNDED = "Refund Date"
LINEITEM = _MONEY | {
    "fields": {"id": "lineitemId", "at": "paidAt", "amount": "amount", "campaign": "committeeName"},
}


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The feed of these contributions. Raises FeedURLError for wrong options.

    Options: `format` csv or json (default by the file's name); `campaign`, in place of the committee's name;
    `timezone` of the times in the CSV (default New York); `follow` and `poll_ms` as everywhere.
    """
    given = merge_options(url, options, OPTIONS)
    path, common = export_options(url, given, "actblue")
    by_name = "json" if path.suffix.lower() in (".json", ".jsonl", ".ndjson") else "csv"
    is_csv = choice(url, given, "format", ("csv", "json"), by_name) == "csv"
    mapping = (CSV if is_csv else LINEITEM) | {"timezone": str(given.get("timezone") or ZONE)}
    read_options(mapping)
    campaign = str(given.get("campaign") or "")
    translators = partial(_csv if is_csv else _webhooks, mapping, campaign)
    return ExportFeed(path, translators, read_table if is_csv else read_objects, **common)


def _csv(mapping: dict[str, Any], campaign: str, day: ElectionDay) -> MappedRows:
    refund = RecordMapping(mapping | {"fields": mapping["fields"] | {"at": REFUNDED}})

    def finish(made: dict[str, Any], row: Mapping[str, Any]) -> list[dict[str, Any]] | Refusal:
        found = [_named(made, campaign)]
        if row.get(REFUNDED):
            found.append(_given_back(_named(refund.apply(row), campaign)))
        return found

    needs = tuple(name for name in mapping["fields"].values() if not (campaign and name == "Recipient Committee"))
    return MappedRows(day, read_options(mapping), finish, needs)


def _webhooks(mapping: dict[str, Any], campaign: str, day: ElectionDay) -> MappedRows:
    return MappedRows(day, read_options(mapping), partial(_lineitems, RecordMapping(mapping), campaign))


def _lineitems(
    mapping: RecordMapping, campaign: str, _made: dict[str, Any], body: Mapping[str, Any]
) -> list[dict[str, Any]] | Refusal:
    """One contribution for each line item; one that was refunded counts back at the time of the refund."""
    items, contribution = body.get("lineitems"), body.get("contribution")
    if not isinstance(items, list) or not items:
        return Refusal("missing_field", "lineitems", "Save the whole body of ActBlue's webhook.")
    created = contribution.get("createdAt") if isinstance(contribution, Mapping) else None
    found = []
    for item in items:
        if not isinstance(item, Mapping):
            return Refusal("bad_text", "lineitems", "Save the body of ActBlue's webhook unchanged.")
        fields = _named(mapping.apply({"paidAt": created, **{k: v for k, v in item.items() if v}}), campaign)
        found.append(fields)
        if item.get("refundedAt"):
            found.append(_given_back(_named(mapping.apply({**item, "paidAt": item["refundedAt"]}), campaign)))
    return found


def _named(fields: dict[str, Any], campaign: str) -> dict[str, Any]:
    return fields | {"campaign": campaign} if campaign else fields


def _given_back(fields: dict[str, Any]) -> dict[str, Any]:
    amount = fields.get("amount")
    if isinstance(amount, int | float):
        fields["amount"] = -amount
    if "id" in fields:
        fields["id"] = f"{fields['id']}-refund"
    return fields
