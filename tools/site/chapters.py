"""A chapter's notebook as the site shows it: nothing is revealed before the reader asks for it.

Questions, reasons, hints and solutions come from the declared exercises. All that folds is a
`<details>` element, which works without a script and from the keyboard.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

import exercises
from helpers.grading.exercise import Exercise
from helpers.grading.prediction import Choice, Prediction
from tools import index, notebooks
from tools.site.course import COLAB, Settings
from tools.site.links import CELL, Links

PREDICT = re.compile(r"ex\.(\w+)\.predict\(\)")
PROGRESS = "ex.show_progress()"  # a learner's own; here the page counts instead
HEADING = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)
DOWNLOADS = "download"  # below the site's root; Colab's files are in its folder colab


@dataclass(frozen=True)
class Chapter:
    """One chapter on its way to the site.

    Attributes:
        path: The reference notebook.
        pages: Page of the site for each file of the repository.
        settings: Words and addresses.
    """

    path: Path
    pages: dict[str, str]
    settings: Settings

    def notebook(self) -> NotebookNode:
        """The notebook that is given to Sphinx."""
        notebook = notebooks.read(self.path)
        number = notebooks.chapter_of(self.path)
        known = exercises.chapter(number) if number in exercises.numbers() else None
        fold = Folding(
            self.settings.words,
            {each.name: each for each in known.exercises} if known else {},
            {each.name: each for each in known.predictions} if known else {},
        )
        file = f"notebooks/{self.path.name}"
        links = Links(file, self.pages, self.settings, _anchors(notebook))
        cells = list(notebook.cells)
        made = copy.deepcopy(notebook)
        made.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
        made.cells = []
        for cell in cells:
            if cell.cell_type == "markdown":
                made.cells.append(_text(_anchored(fold.task(cell), cell.id, links)))
            else:
                made.cells.append(_text(_anchor(cell.id)))
                made.cells.extend(fold.code(cell))
        made.cells[0] = _text(_below_heading(made.cells[0].source, self._buttons()))
        made.cells.append(_text(fold.score()))
        return made

    def _buttons(self) -> str:
        """How the chapter is got to work in: downloads, and Colab where an address is set."""
        words, name = self.settings.words, self.path.name
        buttons = [(f"../{DOWNLOADS}/{name}", "download", True)]
        if address := self.settings.colab(name):
            buttons.append((address, "colab", False))
        if (COLAB / name).is_file():
            buttons.append((f"../{DOWNLOADS}/colab/{name}", "download_colab", True))
        made = "".join(
            _button(href, words[w], words.get(f"{w}_title", ""), d) for href, w, d in buttons
        )
        return f'<nav class="buttons" aria-label="{escape(words["work"])}">{made}</nav>'


def _button(address: str, text: str, title: str, download: bool) -> str:
    hint = f' title="{escape(title)}"' if title else ""
    return (
        f'<a class="button" href="{escape(address)}"{hint}{" download" if download else ""}>'
        f"{escape(text)}</a>"
    )


def _text(source: str) -> NotebookNode:
    return new_markdown_cell(source)


def _anchor(identity: str) -> str:
    return f'<div class="place" id="{CELL}{identity}"></div>\n'


def _anchored(source: str, identity: str, links: Links) -> str:
    """The text with its links translated, and a place that links to the cell lead to."""
    source = links.translated(source)
    if source.startswith("#"):  # a place before the first heading would belong to what is above it
        return _below_heading(source, _anchor(identity))
    return f"{_anchor(identity)}\n{source}"


def _below_heading(source: str, more: str) -> str:
    heading, _, rest = source.partition("\n")
    return f"{heading}\n\n{more}\n{rest}" if heading.startswith("#") else f"{more}\n{source}"


def _anchors(notebook: NotebookNode) -> dict[str, str]:
    """The place of each heading by its name in JupyterLab, which writes `-` for a space."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for _, heading in HEADING.findall(cell.source):
                found.setdefault(index.plain(heading).replace(" ", "-"), f"{CELL}{cell.id}")
    return found


def inline(text: str) -> str:
    """A declared text as HTML; what stands between backticks is code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", escape(text))


@dataclass
class Folding:
    """Folds the questions and exercises of one chapter, in their order."""

    words: dict[str, str]
    exercises: dict[str, Exercise]
    predictions: dict[str, Prediction]
    asked: str = ""  # the prediction that the next revealed cell answers

    def task(self, cell: NotebookNode) -> str:
        """A text cell; an exercise's without the sentence about hints, which stand below here."""
        if cell.metadata.get("index"):
            return f"{index.TITLE}\n\n[{self.words['topics']}](../docs/topics.md)"
        declared = self.exercises.get(cell.metadata.get("exercise", ""))
        if declared is None:
            return cell.source
        task = cell.source.removesuffix(declared.prompt_cell().rpartition("\n\n")[2])
        return task.rstrip()

    def code(self, cell: NotebookNode) -> Iterator[NotebookNode]:
        """A code cell, and what is folded below it; a prediction is shown as its question."""
        asks = PREDICT.fullmatch(cell.source.strip())
        if asks and asks[1] in self.predictions:
            self.asked = asks[1]
            yield _text(self.question(self.predictions[asks[1]]))
            return
        if cell.source.strip() == PROGRESS:
            return
        shown = copy.deepcopy(cell)
        shown.metadata.pop("jupyter", None)
        tags = [tag for tag in notebooks.tags(cell) if tag in ("raises-exception", "reveal")]
        folded = {"code_prompt_hide": self.words["fold"]}
        if "reveal" in tags:
            tags.append("hide-output")
            folded["code_prompt_show"] = self.words["reveal" if self.asked else "reveal_plain"]
        if cell.metadata.get("setup"):
            tags.append("hide-input")
            folded = {
                "code_prompt_show": self.words["setup"],
                "code_prompt_hide": self.words["setup_fold"],
            }
        shown.metadata["tags"] = tags
        shown.metadata["mystnb"] = folded
        declared = self.exercises.get(cell.metadata.get("exercise", ""))
        if declared:
            shown.outputs = []  # a starter only says that it has not been tried
        yield shown
        if declared:
            yield _text(self.help(declared))

    def question(self, declared: Prediction) -> str:
        """A prediction: each choice unfolds its reason."""
        name = f"question-{declared.name}"
        choices = "\n".join(self._choice(label, c) for label, c in declared.labelled.items())
        return (
            f'<div class="prediction" role="group" aria-labelledby="{name}">\n'
            f'<p class="question" id="{name}"><strong>{escape(self.words["predict"])}</strong> '
            f"{inline(declared.question)}</p>\n{choices}\n"
            '<p class="spoken" role="status"></p>\n</div>\n'
        )

    def _choice(self, label: str, choice: Choice) -> str:
        kind = "right" if choice.right else "wrong"
        return (
            f'<details class="choice {kind}"><summary><span class="label">{label}</span> '
            f'<span class="text">{inline(choice.text)}</span></summary>\n'
            f'<p class="reason"><strong>{escape(self.words[kind])}</strong> '
            f"{inline(choice.reason)}</p></details>"
        )

    def help(self, declared: Exercise) -> str:
        """Hints, each inside the one before it, and the solution with its reason."""
        hints, count = "", len(declared.hints)
        for number, hint in reversed(list(enumerate(declared.hints, 1))):
            title = self.words["hint"].format(number=number, count=count)
            hints = (
                f'<details class="hint"><summary>{escape(title)}</summary>\n'
                f"<p>{inline(hint)}</p>\n{hints}</details>\n"
            )
        code = declared.source(declared.model_answer)
        fence = "`" * (3 + max((len(run) for run in re.findall("`+", code)), default=0))
        return (
            f'<div class="help">\n{hints}'
            f'<details class="solution"><summary>{escape(self.words["solution"])}</summary>\n\n'
            f"{fence}python\n{code}\n{fence}\n\n"
            f"<p><strong>{escape(self.words['why'])}</strong> {inline(declared.why)}</p>\n"
            "</details>\n</div>\n"
        )

    def score(self) -> str:
        """Where the script writes how many predictions were right; empty without one."""
        text, count = escape(self.words["score"]), len(self.predictions)
        return f'<p class="score" role="status" data-words="{text}" data-count="{count}"></p>\n'
