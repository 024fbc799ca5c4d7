"""Chapters in JupyterLab in Chromium, as a learner meets them, without a network.

A copy of the course, in a folder with a space and a non-ASCII letter, is served as
`make lab` does. Server and browser see no network but loopback, where the system allows
it. All tests share one browser window. Screenshots go to `artefacts/`, or to
$COURSE_ARTEFACTS.
"""

import os
import subprocess
import time
from dataclasses import dataclass
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, expect

import exercises
from helpers.grading.exercise import Exercise
from helpers.grading.prediction import Choice, Prediction
from tests.end_to_end.lab import PATIENCE, Lab, Notebook
from tests.end_to_end.required import IN_CI, NO_CUT, go_without
from tools import notebooks

pytestmark = pytest.mark.xdist_group("browser")
CHAPTERS = {notebooks.chapter_of(path): path.name for path in notebooks.paths()}
LEAST_CONTRAST = 4.5  # of text to its background: level AA of WCAG 2.2
# Contrast as WCAG defines it, for each piece of text; behind it is the nearest opaque colour.
CONTRASTS = """output => {
    const numbers = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const luminance = ([red, green, blue]) =>
        [red, green, blue].map(part => linear(part / 255))
            .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        const colour = numbers(getComputedStyle(element).backgroundColor);
        const opaque = colour.length === 3 || colour[3] === 1;
        return opaque || !element.parentElement ? colour : behind(element.parentElement);
    };
    const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        if (!text || !element.checkVisibility() || element.closest('style, script')) continue;
        const area = luminance(behind(element));
        const ink = luminance(numbers(getComputedStyle(element).color));
        const [dark, light] = [area, ink].sort((one, other) => one - other);
        found.push([text.slice(0, 40), (light + 0.05) / (dark + 0.05), area]);
    }
    return found;
}"""
# The share of light among a picture's edge pixels, times how opaque they are: 1 is white paper.
PAPER = """async picture => {
    await picture.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(picture, 0, 0);
    const {data} = context.getImageData(0, 0, canvas.width, 1);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4)
        sum += (data[i] + data[i + 1] + data[i + 2]) / 765 * data[i + 3] / 255;
    return sum / canvas.width;
}"""
every_chapter = pytest.mark.parametrize("number", CHAPTERS)


@dataclass
class Visit:
    """A chapter in the browser: opened, what was seen then, and run from top to bottom.

    Attributes:
        notebook: The open notebook.
        stored: All cells before anything was run.
        seen_stored: Of each of them, whether output was seen.
        cells: All cells after Run All Cells.
        seen: Of each of them, whether output was seen.
    """

    notebook: Notebook
    stored: list[dict]
    seen_stored: list[bool]
    cells: list[dict]
    seen: list[bool]


class Visits(dict[str, Visit]):
    """Chapters by number, each opened and run from top to bottom when it is first asked for."""

    def __init__(self, lab: Lab) -> None:
        """The address itself opens the first chapter; the others wait for it."""
        super().__init__()
        self.lab = lab
        self.first = lab.notebook(f"notebooks/{CHAPTERS['00']}")

    def __missing__(self, number: str) -> Visit:
        path = f"notebooks/{CHAPTERS[number]}"
        notebook = self.first if number == "00" else self.lab.open(path)
        stored, seen = notebook.cells, notebook.shows_output
        notebook.run_all()
        self[number] = Visit(notebook, stored, seen, notebook.cells, notebook.shows_output)
        return self[number]

    def all(self) -> list[Visit]:
        """A visit to every chapter."""
        return [self[number] for number in CHAPTERS]


@pytest.fixture(scope="module")
def visits(lab: Lab) -> Visits:
    """The chapters in the one window, none opened yet but the first."""
    return Visits(lab)


def place_of(cells: list[dict], call: str) -> int:
    """The place of the first code cell that holds `call`."""
    found = (i for i, cell in enumerate(cells) if call in cell["source"] and is_code(cell))
    place = next(found, None)
    assert place is not None, f"no code cell holds {call}"
    return place


def is_code(cell: dict) -> bool:
    return cell["cell_type"] == "code"


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def texts(cell: dict) -> str:
    """The plain text of a cell's outputs."""
    found = (output.get("data", {}).get("text/plain", "") for output in cell["outputs"])
    return "\n".join("".join(text) for text in found)


def diagnosed() -> tuple[Exercise, str, str]:
    """An exercise of chapter 01, a wrong answer that is typical, and the slip it shows."""
    for exercise in exercises.chapter("01").exercises:
        for slip in exercise.mistakes[:1]:
            return exercise, exercise.cell(slip.code), slip.says
    raise AssertionError("no exercise of chapter 01 declares a slip")


def test_the_network_is_cut(prefix: list[str]) -> None:
    """Server and browser run where there is nothing but loopback."""
    if not prefix:
        # An ordinary user is refused on some systems, and nothing can be done about it.
        go_without(NO_CUT, required=IN_CI and os.geteuid() == 0)
    command = [*prefix, "cat", "/proc/net/dev"]
    listed = subprocess.check_output(command, text=True).splitlines()[2:]
    assert [line.split(":")[0].strip() for line in listed] == ["lo"]


@every_chapter
def test_run_all_cells_goes_through(visits: Visits, number: str) -> None:
    """Every cell runs, in order; only those that shall raise do."""
    cells = [cell for cell in visits[number].cells if is_code(cell)]
    counts = [cell["execution_count"] for cell in cells]
    assert all(first < second for first, second in pairwise(counts))
    for cell in cells:
        raised = [o["evalue"] for o in cell["outputs"] if o["output_type"] == "error"]
        assert bool(raised) == ("raises-exception" in tags(cell)), (cell["source"], raised)


@every_chapter
def test_no_untried_exercise_is_called_wrong(visits: Visits, number: str) -> None:
    """Each starter cell says "Not tried yet", in the page too."""
    visit = visits[number]
    starters = [i for i, c in enumerate(visit.cells) if is_code(c) and "exercise" in c["metadata"]]
    assert len(starters) == len(exercises.chapter(number).exercises)
    for place in starters:
        assert texts(visit.cells[place]).startswith("Not tried yet:"), place
    expect(visit.notebook.show(starters[0])).to_contain_text("Not tried yet:")


@every_chapter
def test_answers_are_hidden_until_they_are_run(visits: Visits, number: str) -> None:
    """A cell that answers a prediction shows nothing before it is run, the others do."""
    visit = visits[number]
    assert any("reveal" in tags(cell) for cell in visit.stored)
    for cell, seen in zip(visit.stored, visit.seen_stored, strict=True):
        expected = bool(cell.get("outputs")) and "reveal" not in tags(cell)
        assert seen == expected, cell["source"]
    for cell, seen in zip(visit.cells, visit.seen, strict=True):
        assert seen == bool(cell.get("outputs")), cell["source"]


@every_chapter
def test_pictures_have_an_alternative_text(visits: Visits, number: str) -> None:
    """Each picture in the page has words for a reader who does not see it."""
    spoken = visits[number].notebook.alternatives
    assert spoken
    assert all(spoken), f"{spoken.count('')} of {len(spoken)} pictures have no alt text"


def test_a_wrong_answer_is_diagnosed_and_a_right_one_counts(lab: Lab, visits: Visits) -> None:
    """Typed into the starter cell; then chapter 00's table shows it."""
    exercise, wrong, slip = diagnosed()
    visit = visits["01"]
    place = place_of(visit.cells, f"ex.{exercise.name}.check(")
    cell = visit.notebook.run(place, wrong)
    expect(cell.get_by_role("status")).to_contain_text("Wrong:")
    expect(cell.get_by_role("status")).to_contain_text(slip)
    lab.picture("a-wrong-answer")
    cell = visit.notebook.run(place, exercise.solution_cell())
    expect(cell.get_by_role("status")).to_contain_text("Right:")
    lab.picture("a-right-answer")
    start = visits["00"]
    table = start.notebook.run(place_of(start.cells, "exercises.show_progress("))
    count = len(exercises.chapter("01").exercises)
    expect(table.get_by_role("row", name="01").first).to_contain_text(f"1 of {count} right")


def test_a_prediction_is_made_with_the_mouse(visits: Visits) -> None:
    """Wrong, then right: both are answered with the reason."""
    prediction, places = asked(0)
    cell = picker(visits["01"], prediction)
    for place in places:
        cell.get_by_role("button").nth(place).click()
        expect_verdict(cell, prediction.choices[place])


def test_a_prediction_is_made_with_the_keyboard(visits: Visits) -> None:
    """Tab leads from the cell to each answer, and Space takes it."""
    prediction, _ = asked(1)
    visit = visits["01"]
    cell = picker(visit, prediction)
    first = cell.get_by_role("button").first
    first.focus()
    for number, choice in enumerate(prediction.choices):
        if number:
            visit.notebook.page.keyboard.press("Tab")
        visit.notebook.page.keyboard.press("Space")
        expect_verdict(cell, choice)


# The picture's own pixels for each of the page; and of each element, what is cut off.
SHARPNESS = "pictures => pictures.map(one => one.naturalWidth / one.width)"
CUT = """elements => elements.map(one => Math.max(
    one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight))"""


def test_long_choices_wrap_in_a_narrow_window(visits: Visits) -> None:
    """No letter of a choice is cut, and nothing has to be scrolled sideways."""
    visit = visits["01"]
    [prediction] = [p for p in exercises.chapter("01").predictions if p.name == "capital_t"]
    page = visit.notebook.page
    before = page.viewport_size
    page.set_viewport_size({"width": 760, "height": 1000})
    try:
        cell = picker(visit, prediction)
        choices = cell.get_by_role("button")
        heights = choices.evaluate_all("all => all.map(one => one.clientHeight)")
        assert max(heights) > 1.5 * min(heights), "the window is too wide to try it"
        assert max(choices.evaluate_all(CUT)) <= 1
        assert max(cell.locator(".jp-OutputArea-output").evaluate_all(CUT)) <= 1
    finally:
        page.set_viewport_size(before)


def test_pictures_have_more_pixels_than_the_page(visits: Visits) -> None:
    """A figure of a run chapter is sharp on a screen with two pixels for each of the page."""
    visit = visits["01"]
    shown = visit.notebook.show(place_of(visit.cells, "plot.storage("))
    assert min(shown.locator("img").evaluate_all(SHARPNESS)) >= 1.45


def asked(number: int) -> tuple[Prediction, list[int]]:
    """A prediction of chapter 01, with the places of a wrong choice and of the right one."""
    prediction = exercises.chapter("01").predictions[number]
    right = [choice.right for choice in prediction.choices]
    return prediction, [right.index(False), right.index(True)]


def picker(visit: Visit, prediction: Prediction) -> Locator:
    """The picker of a prediction, brought into view."""
    place = place_of(visit.cells, f"ex.{prediction.name}.predict()")
    shown = visit.notebook.show(place).locator(".jp-OutputArea")
    expect(shown.get_by_role("button")).to_have_count(len(prediction.choices))
    return shown


def expect_verdict(shown: Locator, choice: Choice) -> None:
    """The page says how the choice stands, and why."""
    verdict = shown.get_by_role("status")
    expect(verdict).to_contain_text("Right:" if choice.right else "Wrong:")
    expect(verdict).to_contain_text(choice.reason)


def test_the_explorer_of_strides_answers(visits: Visits) -> None:
    """Another operation gives another picture and other words."""
    cell, picture, words = explorer(visits["01"], "explore.strides()")
    cell.get_by_label("operation").select_option("t.flip(0)")
    expect(cell.get_by_role("status")).not_to_have_text(words)
    expect(cell.get_by_role("status")).to_contain_text("t.flip(0)")
    expect(cell.locator("img")).not_to_have_attribute("src", picture)


def test_the_explorer_of_broadcasting_answers(visits: Visits) -> None:
    """Two shapes typed in: PyTorch's answer is there, and a mismatch is said."""
    cell, picture, _ = explorer(visits["01"], "explore.broadcasting()")
    typed = cell.get_by_label("shape of b")
    for shape, said in (("3, 5", "(a + b).shape is (3, 5)"), ("2, 5", "raises RuntimeError")):
        typed.clear()
        typed.press_sequentially(shape)
        typed.press("Enter")
        expect(cell.get_by_role("status")).to_contain_text(said)
        expect(cell.locator("img")).not_to_have_attribute("src", picture)
        picture = cell.locator("img").get_attribute("src")


@pytest.mark.parametrize(
    ("number", "call", "control", "choice"),
    [
        ("02", "explore.backward()", "graph", "x used twice"),
        ("03", "explore.convolution()", "kernel", "blur"),
        ("04", "explore.optimisers()", "surface", "saddle"),
        ("05", "explore.transforms()", "transform", "Pad"),
    ],
)
def test_an_explorer_answers_a_choice(
    visits: Visits, number: str, call: str, control: str, choice: str
) -> None:
    """Another choice gives another picture and other words."""
    cell, picture, words = explorer(visits[number], call)
    cell.get_by_label(control).select_option(choice)
    expect(cell.get_by_role("status")).not_to_have_text(words)
    expect(cell.locator("img")).not_to_have_attribute("src", picture)


def explorer(visit: Visit, call: str) -> tuple[Locator, str, str]:
    """The cell of an explorer, the address of its picture, and its words."""
    cell = visit.notebook.show(place_of(visit.cells, call))
    picture = cell.locator(".jp-OutputArea img")
    expect(picture).to_have_count(1)
    return cell, picture.get_attribute("src"), cell.get_by_role("status").inner_text()


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_both_themes(lab: Lab, visits: Visits, theme: str) -> None:
    """What the course shows in a cell can be read on the theme's background."""
    visit = visits["01"]
    exercise, wrong, _ = diagnosed()
    report = visit.notebook.run(place_of(visit.cells, f"ex.{exercise.name}.check("), wrong)
    question = place_of(visit.cells, f"ex.{asked(0)[0].name}.predict()")
    drawing = place_of(visit.cells, "plot.show(")
    lab.theme(f"JupyterLab {theme}")
    try:
        for cell in (report, visit.notebook.show(question)):
            shown = contrasts(cell)
            assert len(shown) >= 3, "no text was found"
            assert all((area < 0.2) == (theme == "Dark") for _, _, area in shown), shown
            assert all(contrast >= LEAST_CONTRAST for _, contrast, _ in shown), shown
        picture = visit.notebook.show(drawing).locator(".jp-OutputArea img").first
        assert picture.evaluate(PAPER) > 0.9, "a picture has no light paper of its own"
        filtered = picture.evaluate("one => getComputedStyle(one).filter")
        assert (filtered != "none") == (theme == "Dark"), "white paper glares on a dark page"
    finally:
        lab.theme("JupyterLab Light")


def contrasts(cell: Locator) -> list[tuple[str, float, float]]:
    """Each text of a cell's output, its contrast, and the luminance of what lies behind it."""
    output = cell.locator(".jp-OutputArea-output").last
    expect(output).to_be_visible()
    return [tuple(found) for found in output.evaluate(CONTRASTS)]


def test_a_restart_starts_again(visits: Visits) -> None:
    """The set-up cell run twice, then Restart Kernel and Run All Cells."""
    visit = visits["00"]
    setup = next(i for i, cell in enumerate(visit.cells) if cell["metadata"].get("setup"))
    visit.notebook.run(setup)
    visit.notebook.restart_and_run_all()
    for cell in filter(is_code, visit.notebook.cells):
        raised = any(output["output_type"] == "error" for output in cell["outputs"])
        assert raised == ("raises-exception" in tags(cell)), cell["source"]


def test_nothing_left_this_machine(lab: Lab, visits: Visits) -> None:
    """Every chapter is opened and run, and no request goes elsewhere."""
    assert len(visits.all()) == len(CHAPTERS)
    assert lab.elsewhere == []


@pytest.mark.parametrize(
    "asks",
    [
        "() => fetch('http://example.org/asked').catch(() => null)",
        "() => { new Image().src = 'http://example.org/asked' }",
        "() => { new WebSocket('ws://example.org/asked') }",
    ],
    ids=["fetch", "picture", "websocket"],
)
def test_what_would_leave_this_machine_is_noticed(lab: Lab, asks: str) -> None:
    """Else the test before would mean nothing. Asked from a window of its own."""
    other = lab.another()
    try:
        assert other.elsewhere == []
        other.page.evaluate(asks)
        end = time.monotonic() + PATIENCE / 1000
        while not other.elsewhere and time.monotonic() < end:
            other.page.wait_for_timeout(100)
        assert [address.rpartition("/")[2] for address in other.elsewhere] == ["asked"]
    finally:
        other.page.close()


def test_the_page_reports_no_errors(lab: Lab, visits: Visits) -> None:
    """The browser's console is clean after every chapter, but for one font."""
    assert len(visits.all()) == len(CHAPTERS)
    # TensorBoard asks for its font at the root of the server, where Jupyter is.
    assert [found for found in lab.complaints if "/font-roboto/" not in found] == []
