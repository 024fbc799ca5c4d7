"""Visdom's page in JupyterLab in Chromium: it moves while training runs, and can be clicked.

A notebook of these tests trains until it is interrupted, so that nothing depends on the
machine's speed. Then chapter 06 is run. Network, artefacts and window are as in
test_browser.py.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tests.end_to_end.lab import PATIENCE, Lab, Notebook

pytestmark = pytest.mark.xdist_group("browser")

FIRST = "00_start_here.ipynb"
CHAPTER = "06_visdom.ipynb"
OUTSIDE = "<img src='data:,' onerror='document.taken = true'>"
BEGIN, SHOWN, TRAINED, ASKED, GONE = range(5)
CELLS = (
    """\
import time
import torch
from helpers import data, train
from helpers.board import Board, start

server = start("watched")
client = server.client("run")
client.text("A second environment.", win="note", env="beside")
""",
    'server.show(height=620, environment="run")',
    f"""\
images, targets = data.digits()
loader = data.TensorLoader(images.flatten(1) / 16, targets, batch_size=50, shuffle=True)
model = torch.nn.Linear(64, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
with Board(server, "run", every=0.3) as board:
    loss = torch.nn.CrossEntropyLoss()
    history = train.fit(model, loader, loss, optimizer, epochs=100_000, loggers=[board])
    board.text("outside", {OUTSIDE!r})
    board.scalar({OUTSIDE!r} + "/a", 1.0)
    board.scalar({OUTSIDE!r} + "/" + {OUTSIDE!r}, 2.0)
client.text("The page has all of the run.", win="end")
print("stopped:", history.stopped)
""",
    'print("still there:", client.win_exists("learning rate"))',
    """\
end = time.monotonic() + 60
while client.win_exists("learning rate") and time.monotonic() < end:
    time.sleep(0.1)
print("still there:", client.win_exists("learning rate"))
""",
)

# Of a plot: how far its first curve goes, and the line as it is drawn.
DRAWN = """plot => [
    plot.data[0].x.at(-1), plot.querySelector('.js-line')?.getAttribute('d') ?? '']"""
GOES_ON = (
    f"([plot, last]) => {{ const [x, d] = ({DRAWN})(plot); return x > last[0] && d !== last[1]; }}"
)
# Whether a plot shows a part of its first curve; a run may still be on its way to the page.
PART = """plot => {
    const [[left, right], x] = [plot._fullLayout.xaxis.range, plot.data[0].x];
    return right - left < 0.8 * (x.at(-1) - x[0]);
}"""
RANGE = "plot => plot._fullLayout.xaxis.range"
WHOLE = """plot => {
    const [[left, right], x] = [plot._fullLayout.xaxis.range, plot.data[0].x];
    return left <= x[0] && x.at(-1) <= right;
}"""


@dataclass
class Training:
    """A run in the notebook of these tests, which goes on until it is interrupted.

    Attributes:
        lab: The window.
        notebook: The notebook.
        page: Visdom's page in its frame.
    """

    lab: Lab
    notebook: Notebook
    page: FrameLocator

    def pane(self, title: str) -> Locator:
        """The pane of that title."""
        return pane_of(self.page, title)

    def plot(self, title: str) -> Locator:
        """What Plotly draws in the pane of that title."""
        return self.pane(title).locator(".js-plotly-plot")


def pane_of(page: FrameLocator, title: str) -> Locator:
    """The pane of that title in one of visdom's pages."""
    bar = page.locator(".pull-right", has_text=re.compile(f"^{re.escape(title)}$"))
    return page.locator(".react-grid-item").filter(has=bar)


def write_notebook(path: Path) -> None:
    """Write the notebook of these tests."""
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{**cell, "id": f"cell-{i}", "source": source} for i, source in enumerate(CELLS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4}
    path.write_text(json.dumps({**content, "nbformat_minor": 5}), "utf-8")


@pytest.fixture(scope="module")
def training(lab: Lab, workbook: Path) -> Training:
    """The notebook opened, the page shown, and a run that has been seen to move, then ended."""
    write_notebook(workbook / "watched.ipynb")
    lab.notebook(FIRST)
    notebook = lab.open("watched.ipynb")
    notebook.run(BEGIN)
    frame = notebook.run(SHOWN).frame_locator("iframe")
    return Training(lab, notebook, frame)


@pytest.fixture(scope="module")
def ended(training: Training) -> Training:
    """The same after the run, all of which the page has got: no pane will change any more."""
    if training.notebook.cells[TRAINED]["execution_count"] is None:
        training.notebook.start(TRAINED)
        expect(training.plot("loss")).to_be_visible()
        training.notebook.interrupt(TRAINED)
    training.notebook.show(SHOWN)
    expect(training.page.get_by_text("The page has all of the run.")).to_be_visible()
    return training


@pytest.fixture(scope="module")
def chapter(lab: Lab) -> Iterator[Notebook]:
    """Chapter 06, run from top to bottom."""
    lab.notebook(FIRST)
    notebook = lab.open(CHAPTER)
    notebook.run_all()
    return notebook


def wait_for(plot: Locator, condition: str, *values: object) -> None:
    """Wait until a condition on a plot, and on more values if any, holds in its frame."""
    handle = plot.element_handle()
    argument = [handle, *values] if values else handle
    handle.owner_frame().wait_for_function(condition, arg=argument, polling=100)


def text_of(notebook: Notebook, place: int) -> str:
    """What a cell has printed."""
    outputs = notebook.cells[place]["outputs"]
    return "".join("".join(output.get("text", "")) for output in outputs)


def test_curves_move_while_training_runs(training: Training) -> None:
    """Three times the line is another one, and goes further, before the run has ended."""
    training.notebook.start(TRAINED)
    training.notebook.show(SHOWN)
    plot = training.plot("loss")
    expect(plot).to_be_visible()
    for _ in range(3):
        wait_for(plot, GOES_ON, plot.evaluate(DRAWN))
    training.lab.picture("visdom-while-training-runs")
    assert training.notebook.cells[TRAINED]["execution_count"] is None
    training.notebook.interrupt(TRAINED)
    assert text_of(training.notebook, TRAINED).endswith("stopped: interrupted\n")
    expect(training.plot("learning rate")).to_be_visible()


def test_a_text_from_outside_is_shown_and_does_nothing(ended: Training) -> None:
    """Neither as a text nor as the name of a pane or a curve."""
    expect(ended.pane("outside").locator(".content-text")).to_have_text(OUTSIDE)
    expect(ended.plot(OUTSIDE)).to_be_visible()
    expect(ended.page.locator("img[src='data:,']")).to_have_count(0)
    assert ended.page.locator("body").evaluate("() => document.taken") is None


def test_a_plot_is_zoomed_with_the_mouse(ended: Training) -> None:
    """Dragged over, it shows less; Plotly's own button shows all again."""
    plot = ended.plot("loss")
    wait_for(plot, WHOLE)
    area = plot.locator(".nsewdrag").first
    area.hover()  # in view, and moved no more: panes glide to their places
    box = area.bounding_box()
    mouse, middle = ended.lab.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 0.3 * box["width"], middle)
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], middle, steps=5)
    mouse.up()
    wait_for(plot, PART)
    left, right = plot.evaluate(RANGE)
    ended.lab.picture("visdom-zoomed")
    area.hover()
    plot.locator(".modebar-btn[data-title='Reset axes']").click()
    wait_for(plot, WHOLE)
    first, last = plot.evaluate(RANGE)
    assert first < left < right < last


def test_a_pane_that_is_closed_is_gone_on_the_server(ended: Training) -> None:
    """Not only in the page."""
    ended.notebook.run(ASKED)
    assert text_of(ended.notebook, ASKED) == "still there: True\n"
    pane = ended.pane("learning rate")
    pane.get_by_title("close").click()
    expect(pane).to_have_count(0)
    ended.notebook.run(GONE)  # the page does not wait for the server, so this does
    assert text_of(ended.notebook, GONE) == "still there: False\n"
    ended.notebook.show(SHOWN)
    expect(ended.plot("loss")).to_be_visible()


@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_the_frame_in_both_themes(ended: Training, theme: str) -> None:
    """The page stays as it is, for the picture that is kept."""
    ended.lab.theme(f"JupyterLab {theme}")
    ended.notebook.show(SHOWN)
    expect(ended.plot("loss")).to_be_visible()


def test_another_environment_is_chosen(ended: Training) -> None:
    """Its panes are there, and those of the first are not."""
    chooser = ended.page.get_by_label("Environment:")
    chooser.locator(".rc-tree-select-selection__clear").click()
    expect(ended.plot("loss")).to_have_count(0)
    chooser.locator(".rc-tree-select-selection").click()
    ended.page.locator(".rc-tree-select-dropdown").get_by_text("beside", exact=True).click()
    expect(ended.page.locator(".content-text")).to_have_text("A second environment.")
    expect(ended.plot("loss")).to_have_count(0)


def test_the_tile_opens_the_page(ended: Training) -> None:
    """In a tab of JupyterLab, with the environments of the server that runs."""
    page = ended.lab.page
    page.evaluate("async () => { await jupyterapp.commands.execute('launcher:create') }")
    page.locator(".jp-LauncherCard", has_text="Visdom").first.click()
    inside = page.frame_locator(".jp-IFrame:visible iframe")
    expect(inside.get_by_text("online")).to_be_visible()
    inside.get_by_label("Environment:").locator(".rc-tree-select-selection").click()
    found = inside.locator(".rc-tree-select-dropdown")
    expect(found.get_by_text("beside", exact=True)).to_be_visible()


def test_nothing_was_refused_and_nothing_complained(ended: Training) -> None:
    """All that the page and its frames asked for was there, and on this machine."""
    seen = ended.lab
    assert (seen.refused, seen.complaints, seen.elsewhere) == ([], [], [])


@pytest.fixture(scope="module")
def dashboard(chapter: Notebook) -> FrameLocator:
    """The page under the cell of chapter 06 that shows its dashboard, after the run."""
    cells = enumerate(chapter.cells)
    place = next(i for i, cell in cells if 'environment="dashboard"' in cell["source"])
    return chapter.show(place).frame_locator("iframe")


def test_the_dashboard_of_chapter_06_has_its_panes(lab: Lab, dashboard: FrameLocator) -> None:
    """Curves of the whole run, then the surest mistakes, weights and confusions."""
    expect(pane_of(dashboard, "worst")).to_have_count(1)
    expect(dashboard.locator(".js-plotly-plot")).to_have_count(5)
    expect(dashboard.locator(".react-grid-item")).to_have_count(6)
    titles = ["loss", "learning rate", "accuracy", "weights", "confusion"]
    for title in titles:
        expect(pane_of(dashboard, title)).to_be_visible()
    end = time.monotonic() + PATIENCE / 1000
    while as_read(dashboard, titles) != titles and time.monotonic() < end:
        lab.page.wait_for_timeout(100)  # panes glide to their places
    assert as_read(dashboard, titles) == titles
    assert lab.elsewhere == []


def as_read(page: FrameLocator, titles: list[str]) -> list[str]:
    """Titles of panes in the order in which they lie there, line by line."""
    boxes = {title: pane_of(page, title).bounding_box() for title in titles}
    return sorted(titles, key=lambda title: (boxes[title]["y"], boxes[title]["x"]))


def test_a_caption_is_written_once_below_its_picture(dashboard: FrameLocator) -> None:
    """Visdom writes it above as well."""
    pane = pane_of(dashboard, "worst")
    caption = pane.get_by_text(re.compile(r"^\d as \d, ")).filter(visible=True)
    expect(caption).to_have_count(1)
    expect(pane.locator("img")).to_have_js_property("complete", True)
    pane.locator("img").hover(trial=True)  # the pane has come to rest
    picture, written = pane.locator("img").bounding_box(), caption.bounding_box()
    assert picture["height"] == pytest.approx(119, abs=2)
    assert picture["y"] + picture["height"] <= written["y"]
