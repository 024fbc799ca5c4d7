"""Dead links and chapters that do not exist are found, and nothing else is."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import check, notebooks, prose


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A small course with a README, a page, a chapter and an exercise."""
    write(tmp_path / "README.md", "# Read me\n\n## How to `start` it (first)\n")
    write(tmp_path / "docs" / "page.md", "# Page\n")
    cells = [
        new_markdown_cell("# 01 One", id="title"),
        new_markdown_cell("## Where it *bites*", id="bites"),
        new_code_cell("# chapter 01", id="code"),
    ]
    (tmp_path / "notebooks").mkdir()
    notebooks.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_one.ipynb")
    write(tmp_path / "exercises" / "chapter_01" / "grid.py", '"""Grid."""\n')
    return tmp_path


def write(path: Path, text: str) -> None:
    """Write a file into a folder that may not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "link",
    [
        "../README.md",
        "../README.md#how-to-start-it-first",
        "#page",
        "../notebooks/01_one.ipynb#cell-id=bites",
        "../notebooks/01_one.ipynb#Where-it-bites",
        "../notebooks",
        "https://example.org/nothing#here",
        "mailto:nobody@example.org",
    ],
)
def test_links_that_lead_somewhere(course: Path, link: str) -> None:
    write(course / "docs" / "page.md", f"# Page\n\n[text]({link} 'title') <img src=\"{link}\">\n")
    assert prose.dead_links(prose.texts(course), course) == []


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("nothing.md", "no such file"),
        ("../README.md#how-to-start", "no such heading or cell"),
        ("#nothing", "no such heading or cell"),
        ("../notebooks/01_one.ipynb#cell-id=nothing", "no such heading or cell"),
        ("../..", "outside the course"),
    ],
)
@pytest.mark.parametrize(
    "form", ["[text]({})", "![text]({})", '<img src="{}">', '<a href="{}">', "[text][1]\n\n[1]: {}"]
)
def test_links_that_lead_nowhere(course: Path, form: str, link: str, reason: str) -> None:
    write(course / "docs" / "page.md", f"# Page\n\n| a |\n|---|\n| b |\n\n{form.format(link)}\n")
    (found,) = prose.dead_links(prose.texts(course), course)
    assert found.startswith("docs/page.md") and repr(link) in found and reason in found


def test_links_in_tables_are_read_and_those_in_code_are_not(course: Path) -> None:
    text = "# Page\n\n| a |\n|---|\n| [in a table](x.md) |\n\n`[a](y.md)`\n\n```\n[a](z.md)\n```\n"
    write(course / "docs" / "page.md", text)
    (found,) = prose.dead_links(prose.texts(course), course)
    assert "'x.md'" in found


def test_a_notebook_names_the_cell(course: Path) -> None:
    path = course / "notebooks" / "01_one.ipynb"
    notebook = notebooks.read(path)
    notebook.cells[0].source += "\n\n[two](02_two.ipynb) and chapter 02"
    notebooks.write(notebook, path)
    (dead,) = prose.dead_links(prose.texts(course), course)
    (missing,) = prose.missing_chapters(prose.texts(course), {"01"})
    assert dead.startswith("notebooks/01_one.ipynb#cell-id=title: ") and "02_two" in dead
    assert missing.startswith("notebooks/01_one.ipynb#cell-id=title: ")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("see chapter 01", []),
        ("Chapter 07 shows it", ["07"]),
        ("chapters 01, 07 and 08", ["07", "08"]),
        ("chapters 01 to 09", ["09"]),
        ("chapters 01-09", ["09"]),
        ("as chapter\n07 says", ["07"]),
        ("# as chapter\n    # 07 says", ["07"]),
        ('"as chapter "\n    "07 says"', ["07"]),
        ("a later chapter\n\n1. One notebook", []),
        ("chapter_07 and 07", []),
    ],
)
def test_chapters_are_found_however_the_line_breaks(
    course: Path, text: str, numbers: list[str]
) -> None:
    write(course / "exercises" / "chapter_01" / "grid.py", text)
    found = prose.missing_chapters(prose.texts(course), {"01"})
    assert len(found) == len(numbers)
    for sentence, number in zip(found, numbers, strict=True):
        assert f"names chapter {number}, which does not exist" in sentence


def test_spelling_names_file_and_word(course: Path) -> None:
    assert check.spelling(course).returncode == 0
    wrong = "recieve"  # codespell:ignore
    write(course / "docs" / "page.md", f"# Page\n\nYou {wrong} it.\n")
    done = check.spelling(course)
    assert done.returncode and f"docs/page.md:3: {wrong} ==> receive" in done.stdout


def test_a_failed_check_is_shown_and_counts(monkeypatch, capsys) -> None:
    fails = check.program("this_module_does_not_exist")
    monkeypatch.setattr(check, "CHECKS", {"good": lambda: passes, "bad": lambda: fails})
    passes = check.program("platform")
    assert check.main([]) == 1
    shown = capsys.readouterr().out
    assert "No module named this_module_does_not_exist" in shown and "good       ok" in shown
    assert check.main(["good"]) == 0
    with pytest.raises(SystemExit):
        check.main(["other"])
    assert "there is no check 'other'; there are: good, bad" in capsys.readouterr().err
