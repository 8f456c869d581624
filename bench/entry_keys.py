"""Keys that a typist strikes for a report on the entry page: `python bench/entry_keys.py DAY_DIR`.

Counted over the check-ins of the day's reports.jsonl as they would be typed from paper, Enter included: the id in
full, without the beginning that the sheet's ids share, or as the next precinct of a list.
"""

import json
import sys
from os.path import commonprefix
from pathlib import Path
from statistics import mean, quantiles


def keys_of(day: Path) -> dict[str, list[int]]:
    """{way of typing: keys of each report}."""
    reports = (json.loads(line) for line in (day / "reports.jsonl").open(encoding="utf-8") if line.startswith("{"))
    counts = [
        r for r in reports if r.get("kind") == "checkins" and r.get("precinct") and isinstance(r.get("count"), int)
    ]
    groups: dict[str, list[str]] = {}  # a sheet lists precincts whose ids begin alike: two signs, as a district has
    for report in counts:
        groups.setdefault(report["precinct"][:2], []).append(report["precinct"])
    shared = {begin: len(commonprefix(ids)) for begin, ids in groups.items()}  # noqa: RUF071 of letters is meant
    plain = [len(f"{r['precinct']} {r['count']}") + 1 for r in counts]
    return {
        "id in full": plain,
        "id in full, and a time": [keys + len(" 0915") for keys in plain],
        "ids of the sheet begin alike": [
            keys - min(shared[r["precinct"][:2]], len(r["precinct"]) - 1)
            for keys, r in zip(plain, counts, strict=True)
        ],
        "next precinct of a list": [len(f"+{r['count']}") + 1 for r in counts],
    }  # fmt: skip


if __name__ == "__main__":
    for way, keys in keys_of(Path(sys.argv[1])).items():
        late, a_minute = quantiles(keys, n=20)[-1], 30 * mean(keys)
        print(f"{way:30s} mean {mean(keys):4.1f} keys, 95 % at most {late:4.1f}; 30 reports: {a_minute:3.0f} keys")
