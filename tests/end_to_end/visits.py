"""The chapters of a workbook in one window, each opened, looked at and run once."""

from dataclasses import dataclass
from pathlib import Path

import exercises
from tests.end_to_end.lab import Lab, Notebook
from tools import notebooks

CHAPTERS = {notebooks.chapter_of(path): path.name for path in notebooks.paths()}
# What a reader sees of each cell beside its source: text, or a mark for what is no text.
PICTURED = "(more than text)"
PAGE = f"""panel => panel.content.widgets.map(cell => {{
    const below = cell.node.querySelector('.jp-Cell-outputWrapper');
    if (!below) return '';
    const seen = [...below.querySelectorAll('img, canvas, iframe, button, input, select, video')]
        .some(drawn => drawn.checkVisibility()) ? [{PICTURED!r}] : [];
    const walker = document.createTreeWalker(below, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {{
        const element = walker.currentNode.parentElement;
        if (element.checkVisibility() && !element.closest('style, script, .jp-OutputPrompt'))
            seen.push(walker.currentNode.textContent);
    }}
    return seen.join('').trim();
}})"""
# Click on an answer of each prediction, once all are drawn.
DRAWN = """([panel, answers]) => answers.every(([place]) =>
    panel.content.widgets[place].node.querySelector('.jp-OutputArea button'))"""
CHOOSE = """([panel, answers]) => answers.forEach(([place, number]) =>
    panel.content.widgets[place].node.querySelectorAll('.jp-OutputArea button')[number].click())"""
ANSWERED = """([panel, answers]) => answers.every(([place]) =>
    panel.content.widgets[place].node.querySelector('[role=status]')
        ?.textContent.includes('Right:'))"""


@dataclass
class Visit:
    """A chapter in the browser: opened, what was seen then, and run from top to bottom.

    Attributes:
        number: The chapter's.
        notebook: The open notebook.
        fresh: What the page shows below each cell before anything was run.
        cells: All cells after Run All Cells.
        seen: Of each of them, whether output was seen.
        page: What the page shows below each of them.
    """

    number: str
    notebook: Notebook
    fresh: list[str]
    cells: list[dict]
    seen: list[bool]
    page: list[str]

    def answer(self) -> None:
        """Choose the right answer of every prediction, and solve the last exercise."""
        declared = exercises.chapter(self.number)
        answers = [
            [
                place_of(self.cells, f"ex.{asked.name}.predict()"),
                [choice.right for choice in asked.choices].index(True),
            ]
            for asked in declared.predictions
        ]
        argument = [self.notebook.panel, answers]
        self.notebook.page.wait_for_function(DRAWN, arg=argument, polling=100)
        self.notebook.page.evaluate(CHOOSE, argument)
        self.notebook.page.wait_for_function(ANSWERED, arg=argument, polling=100)
        exercise = declared.exercises[-1]
        starter = place_of(self.cells, f"ex.{exercise.name}.check(")
        self.notebook.run(starter, exercise.solution_cell())


class Visits(dict[str, Visit]):
    """Chapters by number, each opened and run from top to bottom when it is first asked for."""

    def __init__(self, lab: Lab, workbook: Path) -> None:
        """The address itself opens the first chapter; the others wait for it."""
        super().__init__()
        self.lab = lab
        self.workbook = workbook
        self.first = lab.notebook(CHAPTERS["00"])

    def __missing__(self, number: str) -> Visit:
        notebook = self.first if number == "00" else self.lab.open(CHAPTERS[number])
        fresh = notebook.panel.evaluate(PAGE)
        notebook.run_all()
        seen, page = notebook.shows_output, notebook.panel.evaluate(PAGE)
        self[number] = Visit(number, notebook, fresh, notebook.cells, seen, page)
        return self[number]

    def all(self) -> list[Visit]:
        """A visit to every chapter."""
        return [self[number] for number in CHAPTERS]


def place_of(cells: list[dict], call: str) -> int:
    """The place of the first code cell that holds `call`."""
    found = (i for i, cell in enumerate(cells) if call in cell["source"] and is_code(cell))
    place = next(found, None)
    assert place is not None, f"no code cell holds {call}"
    return place


def is_code(cell: dict) -> bool:
    """Whether a cell can be run."""
    return cell["cell_type"] == "code"


def tags(cell: dict) -> list[str]:
    """The tags of a cell."""
    return cell["metadata"].get("tags", [])


def texts(cell: dict) -> str:
    """The plain text of a cell's outputs."""
    found = (output.get("data", {}).get("text/plain", "") for output in cell["outputs"])
    return "\n".join("".join(text) for text in found)
