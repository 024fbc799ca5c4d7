"""The site before a browser opens it: links, chapters, folders and words."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

import exercises
from tools import notebooks
from tools.site import build, chapters, course, links, pages
from tools.site.chapters import PREDICT, PROGRESS, Chapter
from tools.site.course import Settings

PAGES = {
    "docs/opening.md": "docs/opening.html",
    "notebooks/01_tensors.ipynb": "notebooks/01_tensors.html",
    "README.md": "index.html",
}
NOWHERE = Settings()
AT_HOME = Settings("https://github.com/someone/course")


def translated(text: str, file: str = "docs/glossary.md", settings: Settings = NOWHERE) -> str:
    return links.Links(file, PAGES, settings, {"Index-of-topics": "cell-id=1"}).translated(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[here](opening.md)", "opening.html"),
        ("[here](opening.md#without-make)", "opening.html#without-make"),
        (
            "[here](../notebooks/01_tensors.ipynb#cell-id=a1)",
            "../notebooks/01_tensors.html#cell-id=a1",
        ),
        ("[here](../README.md)", "../index.html"),
    ],
)
def test_a_link_to_a_file_becomes_one_to_its_page(text, address):
    assert translated(text) == f'<a class="reference" href="{address}">here</a>'


def test_a_link_keeps_its_title_and_the_code_in_its_text():
    made = translated('[`a[0]`](opening.md "Where & how")')
    assert made == '<a class="reference" href="opening.html" title="Where &amp; how">`a[0]`</a>'


@pytest.mark.parametrize(
    "text",
    [
        "`table[0](opening.md)`",
        "```\n[here](opening.md)\n```",
        "~~~\n[here](opening.md)\n~~~\n",
        "![a picture](images/chapter.png)",
        "[elsewhere](https://pytorch.org/docs)",
        "[a](https://pytorch.org) and `[b](opening.md)`",
    ],
)
def test_code_pictures_and_other_sites_are_left_alone(text):
    assert translated(text) == text


def test_a_file_without_a_page_is_only_named_unless_the_repository_is_known():
    text = "see [`fit`](../helpers/train/loops.py)"
    assert translated(text) == "see `fit`"
    address = "https://github.com/someone/course/blob/HEAD/helpers/train/loops.py"
    assert f'href="{address}"' in translated(text, settings=AT_HOME)


def test_a_file_that_does_not_exist_is_only_named():
    assert translated("[kite](../docs/kite.md)", settings=AT_HOME) == "kite"


def test_a_heading_that_jupyterlab_names_is_found_by_its_cell():
    made = translated("[there](#Index-of-topics)", "notebooks/01_tensors.ipynb")
    assert 'href="#cell-id=1"' in made


def site_of(folder: Path, **bodies: str) -> list[str]:
    for name, body in bodies.items():
        (folder / f"{name}.html").write_text(f"<html><body>{body}</body></html>")
    return list(links.faults(folder))


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "from elsewhere"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "from elsewhere"),
        ('<a href="two.html">x</a>', "does not exist"),
        ('<img src="two.png">', "does not exist"),
        ('<a href="#there">x</a>', "no such place"),
    ],
)
def test_a_page_with_a_wrong_link_is_named(tmp_path, body, wrong):
    (fault,) = site_of(tmp_path, one=body)
    assert fault.startswith("one.html")
    assert wrong in fault


def test_links_that_lead_somewhere_are_fine(tmp_path):
    one = '<a href="two.html#cell-id=a%20b">x</a> <a href="https://pytorch.org">y</a>'
    assert site_of(tmp_path, one=one, two='<p id="cell-id=a b"></p>') == []


@pytest.fixture(scope="module", params=notebooks.paths(), ids=notebooks.chapter_of)
def chapter(request):
    """A chapter's number, its reference notebook, and the notebook made of it."""
    reference = notebooks.read(request.param)
    made = Chapter(request.param, pages.addresses(), NOWHERE).notebook()
    return notebooks.chapter_of(request.param), reference, made


def text_of(made) -> str:
    return "\n".join(cell.source for cell in made.cells)


def test_every_cell_can_be_linked_to(chapter):
    _, reference, made = chapter
    placed = re.findall(r'id="cell-id=([^"]+)"', text_of(made))
    assert placed == [cell.id for cell in reference.cells]


def test_every_prediction_is_a_question_with_its_declared_choices(chapter):
    number, reference, made = chapter
    asked = [m[1] for c in reference.cells if (m := PREDICT.fullmatch(c.source.strip()))]
    assert asked == re.findall(r'<p class="question" id="question-(\w+)">', text_of(made))
    assert set(asked) == {each.name for each in exercises.chapter(number).predictions}
    declared = {each.name: each for each in exercises.chapter(number).predictions}
    assert text_of(made).count('<details class="choice') == sum(
        len(declared[name].choices) for name in asked
    )
    assert ".predict()" not in text_of(made)


def test_what_a_cell_reveals_is_folded(chapter):
    _, reference, made = chapter
    revealing = [c for c in reference.cells if "reveal" in notebooks.tags(c)]
    folded = [c for c in made.cells if "hide-output" in notebooks.tags(c)]
    assert [c.id for c in folded] == [c.id for c in revealing]
    assert [c.outputs for c in folded] == [c.outputs for c in revealing]


def test_every_exercise_has_its_hints_and_solution_folded_and_no_report(chapter):
    number, _, made = chapter
    starters = [c for c in notebooks.code_cells(made) if "exercise" in c.metadata]
    assert not any(cell.outputs for cell in starters)
    assert "*Stuck?" not in text_of(made)
    declared = exercises.chapter(number).exercises
    assert text_of(made).count('<details class="solution">') == len(declared)
    assert text_of(made).count('<details class="hint">') == sum(len(e.hints) for e in declared)
    for exercise in declared:
        assert exercise.source(exercise.model_answer) in text_of(made)


def test_other_cells_are_shown_as_they_were_compared(chapter):
    _, reference, made = chapter
    kept = {cell.id: cell for cell in notebooks.code_cells(made)}
    for cell in notebooks.code_cells(reference):
        source = cell.source.strip()
        if source == PROGRESS or PREDICT.fullmatch(source):
            assert cell.id not in kept
        elif "exercise" not in cell.metadata:
            assert (kept[cell.id].source, kept[cell.id].outputs) == (cell.source, cell.outputs)


def test_a_button_to_colab_needs_an_address(chapter):
    number, _, made = chapter
    path = notebooks.paths(number)[0]
    at_home = Chapter(path, pages.addresses(), AT_HOME).notebook()
    address = f"https://colab.research.google.com/github/someone/course/blob/colab/{path.name}"
    assert address in at_home.cells[0].source
    assert "colab.research" not in text_of(made)
    assert f"../download/{path.name}" in made.cells[0].source


def test_the_file_for_colab_is_offered_where_it_was_made(tmp_path, monkeypatch):
    path = notebooks.paths("00")[0]
    (tmp_path / path.name).write_bytes(b"made for Colab")
    for module in (build, chapters):
        monkeypatch.setattr(module, "COLAB", tmp_path)
    build.add_downloads(tmp_path / "site")
    copied = tmp_path / "site" / "download" / "colab"
    assert [(f.name, f.read_bytes()) for f in copied.iterdir()] == [(path.name, b"made for Colab")]
    for file, offered in ((path, True), (notebooks.paths("01")[0], False)):
        made = Chapter(file, pages.addresses(), NOWHERE).notebook()
        assert (f"../download/colab/{file.name}" in made.cells[0].source) == offered


def test_the_front_page_says_what_each_chapter_is_for():
    rows = course.chapters()
    assert [row.file for row in rows] == [path.name for path in notebooks.paths()]
    assert all(row.purpose and row.predictions and row.exercises for row in rows)
    front = pages.sources(NOWHERE)["index.md"]
    readme = (course.ROOT / "README.md").read_text(encoding="utf-8")
    assert all(row.purpose in front for row in rows)
    assert readme.split("\n\n")[1] in front


def test_a_page_of_docs_that_is_new_or_missing_is_listed_or_left_out(tmp_path, monkeypatch):
    shutil.copytree(course.ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs" / "opening.md").unlink()
    (tmp_path / "docs" / "newer.md").write_text("# Newer\n", encoding="utf-8")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    listed = course.documents()
    assert "docs/newer.md" in listed["contributing"]
    assert not any("docs/opening.md" in part for part in listed.values())


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(build.SiteError, match="name another"):
        build.build(tmp_path, NOWHERE)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_warning_is_an_error_that_names_the_page(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "index.md").write_text("# One\n\n```{toctree}\nmissing\n```\n", encoding="utf-8")
    with pytest.raises(build.SiteError, match=r"/index\.md.*missing"):
        build.run_sphinx(source, tmp_path / "made", NOWHERE)


def words(path: Path) -> dict[str, str]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(course.HERE.glob("words/*.toml")), ids=lambda p: p.stem)
def test_a_translation_has_the_same_names_and_blanks(path):
    english = words(course.HERE / "words" / "en.toml")
    for name, text in words(path).items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[name]))


def test_what_a_translation_lacks_is_english():
    settings = Settings(language="zh_TW")
    assert settings.words["predict"] != NOWHERE.words["predict"]
    assert settings.words.keys() == NOWHERE.words.keys()
    assert Settings(language="xx").words == NOWHERE.words
