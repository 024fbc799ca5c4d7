"""Progress as a table: the same for the same progress, readable in text, page and dark page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from helpers.grading._progress_table import chapter_progress, summary
from helpers.grading.progress import LearnerProgress

TOTALS = {
    "00": ["a", "b", "c"],
    "01": [f"e{n}" for n in range(12)],
    "02": ["x"],
    "03": [],
}


@pytest.fixture
def some_progress(tmp_path: Path) -> LearnerProgress:
    progress = LearnerProgress(tmp_path)
    for name in ("e0", "e1", "e2", "e3", "e4", "no_longer_there"):
        progress.record("01", name, "right")
    progress.record("01", "e5", "wrong")
    progress.record("01", "e6", "hint")
    progress.record("01", "guess_view", "predicted-right")
    progress.record("01", "guess_copy", "predicted-wrong")
    progress.record("02", "x", "right")
    return progress


def test_summary_as_text(some_progress: LearnerProgress):
    assert repr(summary(some_progress, TOTALS)).splitlines() == [
        "Chapter  Progress    Exercises               Predictions",
        "00       ..........  0 of 3 right            none yet",
        "01       ####......  5 of 12 right, 1 tried  1 of 2 right",
        "02       ##########  1 of 1 right            none yet",
        "03       ..........  0 of 0 right            none yet",
    ]


def test_summary_is_the_same_for_the_same_progress(some_progress: LearnerProgress, tmp_path: Path):
    first = summary(some_progress, TOTALS)._repr_mimebundle_()
    path = tmp_path / "progress.jsonl"
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert summary(some_progress, TOTALS)._repr_mimebundle_() == first
    assert set(first) == {"text/html", "text/plain"}


def test_one_right_answer_shows_and_the_bar_is_full_only_at_the_end(tmp_path: Path):
    totals = {"01": [f"e{n}" for n in range(50)]}
    progress = LearnerProgress(tmp_path)
    progress.record("01", "e0", "right")
    assert "#........." in repr(summary(progress, totals))
    for number in range(49):
        progress.record("01", f"e{number}", "right")
    assert "#########." in repr(summary(progress, totals))


TITLES = {"e0": "the first", "e1": "the <second>", "e2": "the third"}
ASKED = ["guess_view", "guess_copy", "guess_none"]


def test_nothing_tried_begins_with_the_first_exercise(tmp_path: Path):
    shown = chapter_progress(LearnerProgress(tmp_path), "01", TITLES, ASKED)
    assert repr(shown).splitlines() == [
        "Exercises: 0 of 3 tried yet; begin with `e0` (the first)",
        "Predictions: 0 of 3 made yet",
    ]


def test_what_is_next_is_the_first_that_is_not_right(some_progress: LearnerProgress):
    titles = {"e5": "was wrong", **TITLES, "e9": "not looked at"}
    shown = chapter_progress(some_progress, "01", titles, ASKED)
    assert repr(shown).splitlines() == [
        "Exercises: 3 of 5 right, 1 tried; next: `e5` (was wrong)",
        "Predictions: 2 of 3 made, 1 right at once",
    ]


def test_a_chapter_with_all_exercises_right_is_done(some_progress: LearnerProgress):
    shown = chapter_progress(some_progress, "01", TITLES, ASKED)
    assert repr(shown).splitlines()[0] == "Exercises: 3 of 3 right; the chapter is done"


def test_a_chapters_progress_as_html_is_escaped_and_has_a_bar(some_progress: LearnerProgress):
    titles = {"e7": "the <next>", **TITLES}
    shown = chapter_progress(some_progress, "01", titles, ASKED)._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert "next: <code>e7</code> (the &lt;next&gt;)" in shown["text/html"]
    assert 'aria-label="Chapter 01: 3 of 4 right"' in shown["text/html"]


class _Table(HTMLParser):
    """Collect tags with their attributes, and the text of the cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(data)


def test_summary_as_html_is_accessible(some_progress: LearnerProgress):
    html = summary(some_progress, TOTALS)._repr_mimebundle_()["text/html"]
    table = _Table(html)
    names = [tag for tag, _ in table.tags]
    assert names.count("caption") == 1 and names.count("tr") == 5
    heads = [attributes.get("scope") for tag, attributes in table.tags if tag == "th"]
    assert heads == ["col"] * 4 + ["row"] * 4
    bars = [attributes for _, attributes in table.tags if attributes.get("role") == "img"]
    assert bars[1]["aria-label"] == "Chapter 01: 5 of 12 right, 1 tried"
    assert "5 of 12 right, 1 tried" in table.texts, "the text beside the bar"


def test_bar_colours_stand_out_from_light_and_dark_pages(some_progress: LearnerProgress):
    html = summary(some_progress, TOTALS)._repr_mimebundle_()["text/html"]
    colours = set(re.findall(r"#[0-9A-F]{6}", html))
    assert len(colours) == 2
    for colour in colours:
        for page in ("#FFFFFF", "#111111"):  # JupyterLab's light and dark
            assert _contrast(colour, page) >= 3, (colour, page)  # WCAG 1.4.11


def _contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
