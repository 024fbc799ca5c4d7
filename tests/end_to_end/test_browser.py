"""Chapters in JupyterLab in Chromium, as a learner meets them, without a network.

A copy of the course, in a folder with a space and a non-ASCII letter, is served as
`make lab` does. Server and browser see no network but loopback, where the system allows
it. All tests share one browser window. Screenshots go to `artefacts/`, or to
$COURSE_ARTEFACTS.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, expect

import exercises
from helpers._notebook import WIDGET_VIEW
from helpers.grading.exercise import Exercise
from helpers.grading.prediction import Choice, Prediction
from tests.end_to_end import own_widgets
from tests.end_to_end.checkout import git
from tests.end_to_end.lab import PATIENCE, Lab, Notebook
from tests.end_to_end.required import IN_CI, NO_CUT, go_without
from tests.end_to_end.server import running
from tests.end_to_end.visits import (
    CHAPTERS,
    PAGE,
    PICTURED,
    Visit,
    Visits,
    is_code,
    place_of,
    tags,
    texts,
)
from tests.waiting import until
from tools import notebooks
from tools.lab import last_notebook

pytestmark = pytest.mark.xdist_group("browser")
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
OWN = "my_own.ipynb"
BROKEN = ("Error displaying widget", "model not found", "Loading widget", "children=(")
TABS = "[...jupyterapp.shell.widgets('main')].map(widget => widget.context?.path)"
FLOAT = re.compile(r"\d\.\d|\d\.[\s,\])]|\de[+-]?\d")
NOT_COMPARED = ("nbval-skip", "nbval-ignore-output")
# Whether a tab is in front, and the top of its cell of that id is in sight.
IN_SIGHT = """([panel, id]) => {
    const cell = panel.content.widgets.find(widget => widget.model.id === id);
    const [{top}, area] = [cell.node, panel.node].map(node => node.getBoundingClientRect());
    return jupyterapp.shell.currentWidget === panel && area.top <= top + 1 && top < area.bottom;
}"""
every_chapter = pytest.mark.parametrize("number", CHAPTERS)


@pytest.fixture(scope="module")
def visits(lab: Lab, workbook: Path) -> Visits:
    """The chapters in the one window, none opened yet but the first."""
    return Visits(lab, workbook)


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
def test_a_new_chapter_shows_nothing_that_was_not_run(visits: Visits, number: str) -> None:
    """Not even the line that JupyterLab writes for output that is hidden."""
    assert set(visits[number].fresh) == {""}


@every_chapter
def test_an_answer_is_revealed_by_running_its_cell(visits: Visits, number: str) -> None:
    """The words that the reference edition stores are on the page then, and were not before."""
    visit, stored = visits[number], revealed(number)
    cells = {cell["id"]: i for i, cell in enumerate(visit.cells)}
    assert stored
    for name, lines in stored.items():
        assert visit.fresh[cells[name]] == "", lines
        page = squeezed(visit.page[cells[name]])
        assert page and all(squeezed(line) in page for line in lines), (lines, page)


def revealed(number: str) -> dict[str, list[str]]:
    """By id of each cell that answers a prediction: the lines of its stored text.

    Lines that differ from run to run are left out: those with a float, and all of a cell whose
    output is not compared.
    """
    (path,) = [path for path in notebooks.paths() if notebooks.chapter_of(path) == number]
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if "reveal" in tags(cell)]
    compared = {cell.id: not {*NOT_COMPARED} & {*tags(cell)} for cell in cells}
    return {
        cell.id: [line for line in lines_of(cell) if compared[cell.id] and not FLOAT.search(line)]
        for cell in cells
    }


def lines_of(cell: dict) -> list[str]:
    """The lines that a cell's stored outputs show."""
    shown = [
        output.get("text") or output.get("evalue") or output["data"]["text/plain"]
        for output in cell["outputs"]
        if not {"image/png", "image/svg+xml", "text/html"} & {*output.get("data", {})}
    ]
    return [line for text in shown for line in text.splitlines() if line.strip()]


def squeezed(text: str) -> str:
    """Without spaces, of which a page shows fewer."""
    return "".join(text.split())


@every_chapter
def test_output_is_seen_once_a_cell_was_run(visits: Visits, number: str) -> None:
    """Nothing is hidden from somebody who has run everything."""
    visit = visits[number]
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


def test_an_answer_is_in_the_output_once_a_cell_is_run(visits: Visits) -> None:
    """For the file; the page has the same buttons and the verdict once, and they still answer."""
    prediction, places = asked(1)
    visit = visits["01"]
    cell = picker(visit, prediction)
    cell.get_by_role("button").nth(places[1]).click()
    expect_verdict(cell, prediction.choices[places[1]])
    visit.notebook.run(next(i for i, one in enumerate(visit.cells) if one["metadata"].get("setup")))
    now = visit.notebook.cells[place_of(visit.cells, f"ex.{prediction.name}.predict()")]
    (output,) = now["outputs"]
    assert "Right:" in output["data"]["text/plain"] and WIDGET_VIEW in output["data"]
    cell = picker(visit, prediction)
    expect(cell.get_by_role("status")).to_have_count(1)
    expect(cell.get_by_role("button").filter(has_text="●")).to_have_count(1)
    cell.get_by_role("button").nth(places[0]).click()
    expect_verdict(cell, prediction.choices[places[0]])


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


def test_a_link_leads_to_the_cell_of_another_chapter(lab: Lab, visits: Visits) -> None:
    """From the index of topics in chapter 00, within the workbook."""
    start, chapter = visits["00"], visits["01"]
    wanted = re.compile(rf"\]\({CHAPTERS['01']}#cell-id=([\w-]+)[ )]")
    place = next(i for i, cell in enumerate(start.cells) if wanted.search(cell["source"]))
    cell = wanted.search(start.cells[place]["source"])[1]
    start.notebook.show(place).locator(f"a[href*='{cell}']").first.click()
    lab.page.wait_for_function(IN_SIGHT, arg=[chapter.notebook.panel, cell], polling=100)


@pytest.fixture(scope="module")
def own(lab: Lab, visits: Visits) -> Notebook:
    """A notebook of the learner's own, with widgets of their own, run and saved."""
    own_widgets.write(visits.workbook / OWN)
    notebook = lab.open(OWN)
    notebook.run_all()
    notebook.save()
    return notebook


@pytest.fixture(scope="module")
def saved(visits: Visits, own: Notebook) -> Visits:
    """All chapters answered and saved; the third is in front, as the learner leaves it."""
    for visit in visits.all():
        visit.answer()
        visit.notebook.save()
    visits["03"].notebook.show(0)
    return visits


def test_nothing_that_a_learner_does_changes_the_course(saved: Visits, checkout: Path) -> None:
    """Every chapter was opened, run, answered and saved; git has seen nothing of it."""
    assert git(checkout, "status", "--porcelain") == ""
    assert "workbook/" in git(checkout, "status", "--porcelain", "--ignored")


def test_the_folder_shows_what_is_the_learners(lab: Lab, saved: Visits) -> None:
    """Chapters, scripts, their own files; nothing of the course's own machinery."""
    shown = lab.page.locator(".jp-FileBrowser .jp-DirListing-itemName")
    names = set(shown.all_inner_texts())
    assert {*CHAPTERS.values(), "scripts", OWN} <= names
    assert not names & {"tools", "tests", "helpers", "exercises", ".course", ".vscode"}


def test_a_page_stays_live_when_it_is_saved(visits: Visits, saved: Visits) -> None:
    """The picker in it answers; saved once more, no question about the file is in the way."""
    prediction, places = asked(2)
    cell = picker(visits["01"], prediction)
    for place in places:
        cell.get_by_role("button").nth(place).click()
        expect_verdict(cell, prediction.choices[place])
    visits["01"].notebook.save()
    visits["03"].notebook.show(0)


def test_a_saved_notebook_names_no_widget(saved: Visits) -> None:
    """What could not be shown without its kernel is not in the files."""
    files = [saved.workbook / name for name in (*CHAPTERS.values(), OWN)]
    assert [file.name for file in files if WIDGET_VIEW in file.read_text("utf-8")] == []


@pytest.fixture(scope="module")
def next_day(lab: Lab, saved: Visits, checkout: Path, prefix, tmp_path_factory) -> Iterator[Lab]:
    """Another server for the same workbook, and the window that it opens."""
    wait_for_workspace(saved.workbook, CHAPTERS["03"])
    home = tmp_path_factory.mktemp("next")
    settings = {"root": checkout, "prefix": prefix, "HOME": str(home), "USERPROFILE": str(home)}
    flags = ("--port=0", "--LabApp.expose_app_in_browser=True")
    with running(home, *flags, COURSE_HOME=str(home / "course"), **settings) as (address, token):
        yield Lab(lab.browser, address, token)


def wait_for_workspace(workbook: Path, name: str) -> None:
    """Wait until JupyterLab, which takes its time, has noted which tab is in front."""
    until(lambda: last_notebook(workbook) == name)


def test_the_chapter_they_were_last_in_opens(next_day: Lab, saved: Visits) -> None:
    """In front; the other tabs are there too, each once."""
    last = next_day.notebook(CHAPTERS["03"])
    expect(next_day.page.locator(".jp-mod-current[role=tab]").first).to_contain_text("03_")
    next_day.page.wait_for_function(TABS + f".length === {len(CHAPTERS) + 1}")
    assert sorted(next_day.page.evaluate(TABS)) == sorted([*CHAPTERS.values(), OWN])
    assert last.cells


@every_chapter
def test_the_next_day_everything_is_there(next_day: Lab, saved: Visits, number: str) -> None:
    """Questions, explorers and reports in their static form, without a cell run."""
    notebook = next_day.open(CHAPTERS[number])
    page = notebook.panel.evaluate(PAGE)
    for cell, now in zip(notebook.cells, page, strict=True):
        assert bool(now) == bool(cell.get("outputs")), cell["source"]
        assert not any(words in now for words in BROKEN), cell["source"]
        if not is_code(cell):
            continue
        if ".predict()" in cell["source"]:
            assert all(words in now for words in ("Predict", "●", "Commit:", "Right:")), now
        if "explore." in cell["source"]:
            assert PICTURED in now, now
        if "exercise" in cell["metadata"]:
            assert any(state in now for state in ("Right:", "Wrong:", "Not tried yet:")), now


def test_the_next_day_a_widget_of_ones_own_is_a_sentence(next_day: Lab, own: Notebook) -> None:
    """It says how to get it back; text beside it and a bar that ran through are as expected."""
    page = next_day.open(OWN).panel.evaluate(PAGE)
    assert page == own_widgets.NEXT_DAY


def test_the_next_day_a_cell_that_is_run_is_live_again(next_day: Lab, saved: Visits) -> None:
    """With the new kernel, after the set-up cell."""
    notebook = next_day.open(CHAPTERS["01"])
    visit = saved["01"]
    prediction, places = asked(0)
    place = place_of(visit.cells, f"ex.{prediction.name}.predict()")
    notebook.show(place)
    next_day.picture("the-next-day-before-a-cell-is-run")
    notebook.run(next(i for i, cell in enumerate(visit.cells) if cell["metadata"].get("setup")))
    cell = notebook.run(place).locator(".jp-OutputArea")
    for number in places:
        cell.get_by_role("button").nth(number).click()
        expect_verdict(cell, prediction.choices[number])
    next_day.picture("the-next-day-live-again")
    assert next_day.complaints == [] and next_day.elsewhere == []


def test_no_assistant_completes_code_in_the_page(lab: Lab, visits: Visits) -> None:
    """Inline completion is off; the list that Tab opens is on."""
    found = lab.page.evaluate("() => jupyterapp.commands.listCommands()")
    assert [name for name in found if name.startswith("inline-completer:")] == []
    assert "completer:invoke-notebook" in found


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
