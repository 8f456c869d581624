"""The model card renders for every day folder, says its numbers with intervals, and asks no host for anything."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from warroom.cli import app
from warroom.demo import write_demo_day

TODAY = "2026-01-02"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Checks that tags close in order and gathers text and what would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.fetched += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "srcset", "action")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def card_of(day: Path, out: Path, *options: str) -> tuple[Page, str]:
    result = CliRunner().invoke(app, ["model", "card", str(day), "--out", str(out), "--date", TODAY, *options])
    assert result.exit_code == 0, result.output
    source = out.read_text(encoding="utf-8")
    return Page(source), source


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card-demo") / "day"
    write_demo_day(folder)
    return folder


@pytest.fixture(scope="module")
def demo_card(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, str]:
    return card_of(demo, tmp_path_factory.mktemp("card") / "card.html")


def small_day(folder: Path, elections: int) -> Path:
    """Forty precincts without sites, regions or coordinates, and so many past elections."""
    folder.mkdir()
    (folder / "day.toml").write_text(
        'name = "Hamlet"\ndate = "2025-11-04"\ntimezone = "America/New_York"\npolls_open = "06:00"\n'
        'polls_close = "21:00"\ntype = "general"\n'
    )
    (folder / "precincts.csv").write_text("precinct_id\n" + "".join(f"P{i}\n" for i in range(40)))
    rows = [
        f"e{year},{year}-11-05,general,,P{i},{100 + 7 * i + (i * year) % 11}\n"
        for year in range(2024, 2024 - elections, -1)
        for i in range(40)
    ]
    (folder / "history.csv").write_text("election_id,date,type,party,precinct_id,ballots\n" + "".join(rows))
    return folder


def test_the_card_asks_no_host_for_anything(demo_card: tuple[Page, str]) -> None:
    page, source = demo_card
    assert page.fetched == []
    assert "<script" not in source
    assert not re.search(r"https?:|url\(|@import", source)


def test_the_card_is_small_enough_to_mail(demo_card: tuple[Page, str]) -> None:
    assert len(demo_card[1].encode()) < 400_000


def test_the_card_says_version_and_date_as_given(demo_card: tuple[Page, str]) -> None:
    assert f"made {TODAY} with War room" in demo_card[0].text


def test_every_part_is_there(demo_card: tuple[Page, str]) -> None:
    for heading in (
        "The election and its data", "What the model does", "Expected before the day", "How well it would have done",
        "What it leans on", "The starting day curve", "The recorded day", "What it cannot know", "Fair use",
    ):  # fmt: skip
        assert heading in demo_card[0].text


def test_the_expected_total_comes_with_its_interval(demo_card: tuple[Page, str]) -> None:
    found = re.search(r"In all\s+([\d,]+)\s+election-day ballots, 90 % interval\s+([\d,]+)–([\d,]+)", demo_card[0].text)
    assert found
    value, low, high = (int(x.replace(",", "")) for x in found.groups())
    assert 0 < low < value < high


def test_a_recording_is_shown_without_a_claim_of_truth(demo_card: tuple[Page, str]) -> None:
    text = demo_card[0].text
    assert "Whether these forecasts came true cannot be known" in text
    assert "Alerts raised" in text
    assert re.search(r"low turnout\s+\d+", text)


def test_the_held_out_table_names_the_usual_way(demo_card: tuple[Page, str]) -> None:
    assert re.search(r"The model was nearer in \d+ of \d+", demo_card[0].text)


@pytest.mark.parametrize("elections", [0, 1, 2])
def test_little_history_is_said_and_does_not_fail(tmp_path: Path, elections: int) -> None:
    page, _ = card_of(small_day(tmp_path / "day", elections), tmp_path / "card.html")
    assert f"{elections} earlier election" in page.text
    assert ("There is no earlier election" in page.text) == (elections == 0)
    assert "Not known: this needs at least three earlier elections" in page.text
    assert "No recording was run" in page.text


def test_three_elections_are_enough_to_hold_one_out(tmp_path: Path) -> None:
    page, _ = card_of(small_day(tmp_path / "day", 3), tmp_path / "card.html")
    assert "The last past election was hidden" in page.text


def test_a_name_with_markup_is_shown_as_text(tmp_path: Path) -> None:
    day = small_day(tmp_path / "day", 1)
    toml = (day / "day.toml").read_text().replace("Hamlet", "<b>Ham & let</b>")
    (day / "day.toml").write_text(toml)
    page, source = card_of(day, tmp_path / "card.html")
    assert "<b>Ham & let</b>" in page.text
    assert "&lt;b&gt;Ham" in source


def test_the_same_day_gives_the_same_page(tmp_path: Path) -> None:
    day = small_day(tmp_path / "day", 4)
    assert card_of(day, tmp_path / "a.html")[1] == card_of(day, tmp_path / "b.html")[1]


def test_reports_can_be_left_out(demo: Path, tmp_path: Path) -> None:
    page, _ = card_of(demo, tmp_path / "card.html", "--no-reports")
    assert "No recording was run" in page.text


def test_an_out_file_that_is_no_page_is_refused(tmp_path: Path) -> None:
    day = small_day(tmp_path / "day", 1)
    result = CliRunner().invoke(app, ["model", "card", str(day), "--out", str(tmp_path / "card.pdf")])
    assert result.exit_code == 2
    assert "end it in .html" in result.output
