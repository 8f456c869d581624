"""One self-contained HTML page from the facts of a model card: no request to any host."""

from datetime import date
from pathlib import Path
from statistics import median

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from anomaly.card import CardFacts
from anomaly.heldout import Span
from warroom.card import charts, words
from warroom.card.svg import span_bar

HERE = Path(__file__).parent
REGIONS_SHOWN = 12  # more go behind a fold


def render_card(facts: CardFacts, version: str, made_on: date) -> str:
    """The page as text. The same facts, version and date give the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(n=number, pct=percent, range=ballots_range, pct_range=percent_range, points=points)
    most = max((t.high for _, _, t in facts.expected.regions), default=1.0)
    return environment.get_template("card.html").render(
        f=facts,
        d=facts.data,
        version=version,
        made_on=made_on.isoformat(),
        css=Markup((HERE / "card.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        words=words,
        verdict=verdict(facts),
        regions=[
            (name, precincts, total, span_bar(total.low, total.value, total.high, most))
            for name, precincts, total in facts.expected.regions
        ],
        shown=REGIONS_SHOWN,
        like=next((e for e in facts.data.elections if e.election_id == facts.expected.like), None),
        widest=widest_median(facts),
        charts=charts.all_charts(facts),
        clock=lambda minute: charts.clock(facts.hours, minute),
    )


def verdict(facts: CardFacts) -> dict[str, object] | None:
    """The held-out elections in one line: medians over elections, and how often the model beat the usual way."""
    both = [(o.model_level.median.value, o.usual_level.median.value) for o in facts.held_out if o.usual_level]
    if not both:
        return None
    ours, usual = [a for a, _ in both], [b for _, b in both]
    return {
        "model": Span(median(ours), min(ours), max(ours)),
        "usual": Span(median(usual), min(usual), max(usual)),
        "wins": sum(a < b for a, b in both),
        "of": len(both),
        "inside": sum(o.total.low <= o.actual_total <= o.total.high for o in facts.held_out),
        "folds": len(facts.held_out),
    }


def widest_median(facts: CardFacts) -> float:
    """The farthest that any held-out median's interval reaches from it, in percentage points."""
    medians = [o.model_level.median for o in facts.held_out]
    return 100 * max((max(m.high - m.value, m.value - m.low) for m in medians), default=0.0)


def number(value: float) -> str:
    """A count with thousands, rounded to whole units.

    >>> number(1234.6)
    '1,235'
    """
    return f"{value:,.0f}"


def percent(share: float, digits: int = 1) -> str:
    """A share as percent.

    >>> percent(0.1234)
    '12.3 %'
    """
    return f"{100 * share:.{digits}f} %"


def points(share: float) -> str:
    """A change of a share in percentage points, signed.

    >>> points(-0.0123)
    '−1.2'
    """
    return f"{100 * share:+.1f}".replace("-", "−")


def ballots_range(span: Span) -> str:
    """The interval of a count, without its value."""
    return f"{number(span.low)}–{number(span.high)}"


def percent_range(span: Span, digits: int = 1) -> str:
    """The interval of a share in percent, without its value."""
    return f"{100 * span.low:.{digits}f} to {100 * span.high:.{digits}f} %"
