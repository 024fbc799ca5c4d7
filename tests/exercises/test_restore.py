"""`exercises.restore`: the starter again, in a notebook, at a prompt and in plain Python."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

import exercises
from exercises import _restore
from tools import notebooks


class Shell:
    """What IPython's shells have in common, with the names of a notebook."""

    def __init__(self, **names) -> None:
        self.user_ns = names
        self.asked: list[tuple[str, bool]] = []

    def set_next_input(self, text, replace=False):
        self.asked.append((text, replace))


@pytest.fixture
def shell(monkeypatch) -> Shell:
    made = Shell()
    monkeypatch.setattr(_restore, "_shell", lambda: made)
    return made


def starters() -> list[tuple[str, str, str]]:
    """Chapter, name and source of each starter cell of the reference notebooks."""
    return [
        (notebooks.chapter_of(path), cell.metadata["exercise"], cell.source)
        for path in notebooks.paths()
        for cell in notebooks.code_cells(notebooks.read(path))
        if "exercise" in cell.metadata
    ]


def test_it_is_the_cell_of_the_notebook_for_every_exercise(shell, capsys):
    for chapter, name, source in starters():
        exercises.restore(name, chapter=chapter)
        assert shell.asked[-1] == (source, True)
    assert len(shell.asked) > 80


def test_a_prediction_has_a_starter_too(shell, capsys):
    exercises.restore("capital_t")
    assert shell.asked == [("ex.capital_t.predict()", True)]


def test_without_ipython_it_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(_restore, "_shell", lambda: None)
    monkeypatch.setattr("IPython.get_ipython", lambda: None)  # a test before may have made one
    exercises.restore("grid")
    assert capsys.readouterr().out == (
        "The starter of ex.grid:\n\ngrid = ...\nex.grid.check(grid)\n"
    )


def test_the_attempt_itself_will_do_and_so_will_its_whole_name(shell, capsys):
    exercises.restore(exercises.chapter("01").grid)
    exercises.restore(" ex.grid ")
    assert shell.asked == [("grid = ...\nex.grid.check(grid)", True)] * 2


def test_of_two_of_a_name_the_notebooks_own_is_meant(shell, capsys):
    with pytest.raises(
        ValueError, match=r"chapters \d\d and \d\d have an exercise 'fit_line'; say"
    ):
        exercises.restore("fit_line")
    first, second = (c for c, name, _ in starters() if name == "fit_line")
    for chapter in (first, second):
        shell.user_ns["ex"] = exercises.chapter(chapter)
        exercises.restore("fit_line")
    assert shell.asked[0] != shell.asked[1]
    exercises.restore("fit_line", chapter=first)
    assert shell.asked[2] == shell.asked[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("row_share", "there is no exercise 'row_share'. Did you mean 'row_shares'"),
        ("zzzzzz", r"there is no exercise 'zzzzzz'\.$"),
        ("", "there is no exercise ''"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(name, words):
    with pytest.raises(ValueError, match=words):
        exercises.restore(name)


def test_what_is_no_name_or_no_chapter_is_refused():
    with pytest.raises(TypeError, match="name is that of an exercise, in quotes, not int"):
        exercises.restore(3)
    with pytest.raises(ValueError, match="no exercises for chapter '99'; there are: 00, 01"):
        exercises.restore("grid", chapter="99")


def test_in_a_notebook_it_can_be_unfolded_and_copied():
    shown = _restore.Starter("f", "def f(x):\n    return x < 1", True)
    assert "<pre>def f(x):\n    return x &lt; 1</pre>" in shown._repr_html_()


def test_ipythons_own_shell_takes_it():
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("import exercises; exercises.restore('grid')")
        assert shell.rl_next_input == "grid = ...\nex.grid.check(grid)"
    finally:
        InteractiveShell.clear_instance()
