"""What is left of widgets in a saved notebook."""

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4

from helpers._notebook import WIDGET_VIEW
from tools import saved_widgets
from tools.saved_widgets import GONE

VIEW = {WIDGET_VIEW: {"model_id": "1", "version_major": 2, "version_minor": 0}}
STATE = "application/vnd.jupyter.widget-state+json"
SLIDER = "IntSlider(value=3, description='mine')"
BAR = "batches:  40%|████      | 4/10 [00:01<00:02,  3.20it/s]"


def notebook(*outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    """A notebook with one cell that has these outputs."""
    cell = v4.new_code_cell("shown", outputs=list(outputs))
    return v4.new_notebook(cells=[cell], metadata=metadata)


def shown(data: dict[str, Any], kind: str = "display_data") -> NotebookNode:
    """An output of these MIME types."""
    return v4.new_output(kind, data=data)


def after_saving(*outputs: NotebookNode) -> list[NotebookNode]:
    """The outputs that a file keeps."""
    content = notebook(*outputs)
    saved_widgets.before_saving({"type": "notebook", "content": content}, path="a.ipynb")
    nbformat.validate(content)
    return content.cells[0].outputs


@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
@pytest.mark.parametrize("static", [{"text/html": "<p>Predict</p>"}, {"image/png": "aGk="}])
def test_another_form_stays(kind: str, static: dict) -> None:
    """It is what a reader sees without the kernel."""
    static = {**static, "text/plain": "Predict: what?"}
    (kept,) = after_saving(shown({**VIEW, **static}, kind))
    assert kept.data == static


def test_a_frame_of_this_machine_becomes_its_words() -> None:
    """The next day its server is gone; a frame from elsewhere stays."""
    words, frame = {"text/plain": "Visdom"}, '<iframe src="{}" title="Visdom"></iframe>'
    (kept,) = after_saving(shown({**words, "text/html": frame.format("/proxy/absolute/8/x")}))
    assert kept.data == words
    other = {**words, "text/html": frame.format("https://example.org/a")}
    (kept,) = after_saving(shown(other))
    assert kept.data == other


def test_plain_words_stay() -> None:
    """A text that is no name of a widget is a form too."""
    (kept,) = after_saving(shown({**VIEW, "text/plain": "Predict: what?\n  a) (1, 2)"}))
    assert kept.data == {"text/plain": "Predict: what?\n  a) (1, 2)"}


@pytest.mark.parametrize(
    "plain",
    [
        SLIDER,
        "HBox(children=(FloatProgress(value=0.0, max=3.0), HTML(value='')))",
        "interactive(children=(IntSlider(value=3, description='x', max=9, min=-3), Output()…",
        "Output()",
        "VBox(children=(IntSlider(value=0),\n               IntSlider(value=1)))",
        "A Jupyter Widget",
        "",
    ],
)
def test_a_widget_alone_becomes_a_sentence(plain: str) -> None:
    """As one text or as the lines that a file holds; also where it has no text at all."""
    data = {"text/plain": plain} if plain else {}
    for text in (data, {name: text.splitlines(True) for name, text in data.items()}):
        (kept,) = after_saving(shown({**VIEW, **text}))
        assert kept.data == {"text/plain": GONE}


@pytest.mark.parametrize(
    "bar", [BAR, "  0%|          | 0/3 [00:00<?, ?it/s]", "7it [01:02, 3.1it/s]"]
)
def test_a_progress_bar_goes(bar: str) -> None:
    """What it counted is over; other outputs of the cell stay."""
    done = v4.new_output("stream", name="stdout", text="done\n")
    assert after_saving(shown({**VIEW, "text/plain": bar}), done) == [done]


@pytest.mark.parametrize(
    "output",
    [
        shown({"text/plain": SLIDER}),
        shown({"text/plain": BAR}),
        v4.new_output("stream", name="stdout", text=f"{SLIDER}\n{BAR}\n"),
        v4.new_output("error", ename="TypeError", evalue=SLIDER, traceback=[SLIDER]),
    ],
)
def test_what_is_no_widget_is_not_touched(output: NotebookNode) -> None:
    """However much its words look like one."""
    assert after_saving(copy.deepcopy(output)) == [output]


def test_states_of_widgets_go() -> None:
    """They belong to views that are gone; the other metadata stays."""
    content = notebook(widgets={STATE: {"state": {}}}, language_info={"name": "python"})
    assert saved_widgets.tidy(content)
    assert content.metadata == {"language_info": {"name": "python"}}
    assert not saved_widgets.tidy(content)


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"type": "file", "content": VIEW},
        {"type": "notebook", "content": None},
        {"type": "notebook", "content": {"cells": 3, "metadata": {}}},
        {"type": "notebook", "content": {"cells": [{"outputs": [{"data": 3}]}], "metadata": {}}},
    ],
)
def test_saving_never_fails_here(model: dict) -> None:
    """Jupyter itself refuses what is no notebook, and says why."""
    before = copy.deepcopy(model)
    saved_widgets.before_saving(model, path="a.ipynb")
    assert model == before


def test_files_that_other_programs_saved_are_tidied(tmp_path: Path) -> None:
    """Each notebook of the folder; one that cannot be read is left as it is."""
    nbformat.write(notebook(shown({**VIEW, "text/plain": SLIDER})), tmp_path / "é 1.ipynb")
    nbformat.write(notebook(shown({"text/plain": "clean"})), tmp_path / "2.ipynb")
    (tmp_path / "3.ipynb").write_text(f'{{"broken": "{WIDGET_VIEW}"')
    left = {name: (tmp_path / name).read_bytes() for name in ("2.ipynb", "3.ipynb")}
    saved_widgets.tidy_folder(tmp_path)
    tidied = nbformat.read(tmp_path / "é 1.ipynb", as_version=4)
    assert tidied.cells[0].outputs[0].data == {"text/plain": GONE}
    assert {name: (tmp_path / name).read_bytes() for name in left} == left
