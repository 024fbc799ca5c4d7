"""Every page that is not a chapter: its Markdown, ready for Sphinx."""

import posixpath
import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

import yaml

import exercises
from tools import index, notebooks
from tools.site.chapters import Folding
from tools.site.course import ROOT, ChapterRow, Settings, chapters, documents
from tools.site.links import CELL, Links

SAMPLE = ("01", "capital_t")  # the prediction that the front page lets a visitor try
IMAGE = re.compile(r"^!\[(?P<alt>.*?)\]\((?P<path>[^)]+)\)$", re.MULTILINE | re.DOTALL)
FRONT = "index.md"


def addresses() -> dict[str, str]:
    """The page of each file of the repository that has one."""
    files = [file for part in documents().values() for file in part]
    files += [f"notebooks/{row.file}" for row in chapters()]
    pages = {file: f"{posixpath.splitext(file)[0]}.html" for file in files}
    return pages | {
        "README.md": "index.html",
        "LICENSE": "licence.html",
        "LICENSE-TEXT": "licence.html",
        "CITATION.cff": "citation.html",
    }


def sources(settings: Settings) -> dict[str, str]:
    """Markdown of every page, by its file; chapters are left out."""
    pages = addresses()
    made = {
        FRONT: front(settings, pages),
        "docs/topics.md": topics(settings),
        "licence.md": licence(settings),
        "citation.md": citation(settings),
    }
    for file in (file for part in documents().values() for file in part):
        if file not in made:
            text = (ROOT / file).read_text(encoding="utf-8")
            made[file] = Links(file, pages, settings).translated(text)
    return made


def front(settings: Settings, pages: dict[str, str]) -> str:
    """The front page: what the course is, a picture, a prediction to try, the chapters."""
    words, rows = settings.words, chapters()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = (block.strip() for block in re.split(r"\n\s*\n", readme))
    summary = next((block for block in blocks if block[:1].isalnum()), "")
    picture = IMAGE.search(readme)
    shown = f"![{picture['alt']}]({picture['path']})" if picture else ""
    buttons = "".join(
        f'<a class="button" href="{page}">{escape(words[word])}</a>'
        for page, word in _doors(pages, rows)
    )
    return "\n\n".join(
        [
            f"# {words['title']}",
            f'<div class="summary">\n\n{Links("README.md", pages, settings).translated(summary)}'
            "\n\n</div>",
            f'<p class="totals">{escape(_totals(rows, words))}</p>',
            f'<nav class="buttons" aria-label="{escape(words["begin"])}">{buttons}</nav>',
            f'<div class="picture">\n\n{shown}\n\n</div>',
            f"## {words['try_one']}",
            words["try_one_text"],
            _sample(words),
            f"## {words['chapters']}",
            f'<div class="cards">\n{"".join(_card(row, words) for row in rows)}</div>',
            *_contents(words, rows),
        ]
    )


def _doors(pages: dict[str, str], rows: list[ChapterRow]) -> Iterator[tuple[str, str]]:
    """Where a visitor goes from the front page, with the word for each."""
    if rows:
        yield f"notebooks/{rows[0].file.removesuffix('.ipynb')}.html", "read_first"
    for file, word in (("docs/opening.md", "opening"), ("docs/topics.md", "index_of_topics")):
        if file in pages:
            yield pages[file], word


def _totals(rows: list[ChapterRow], words: dict[str, str]) -> str:
    return words["totals"].format(
        chapters=len(rows),
        predictions=sum(row.predictions for row in rows),
        exercises=sum(row.exercises for row in rows),
    )


def _sample(words: dict[str, str]) -> str:
    number, name = SAMPLE
    predictions = {each.name: each for each in exercises.chapter(number).predictions}
    declared = predictions.get(name) or next(iter(predictions.values()))
    return Folding(words, {}, predictions).question(declared)


def _card(row: ChapterRow, words: dict[str, str]) -> str:
    page = f"notebooks/{row.file.removesuffix('.ipynb')}.html"
    counts = words["counts"].format(predictions=row.predictions, exercises=row.exercises)
    return (
        f'<a class="card" href="{page}"><span class="number">{row.number}</span>'
        f'<span class="name">{escape(row.title)}</span>'
        f'<span class="purpose">{escape(row.purpose)}</span>'
        f'<span class="counts">{escape(counts)}</span></a>\n'
    )


def _contents(words: dict[str, str], rows: list[ChapterRow]) -> Iterator[str]:
    """The parts of the sidebar; short titles, so that each stays on one line."""
    listed = [f"{row.number} {row.title} <notebooks/{row.file}>" for row in rows]
    yield _tree(words["chapters"], [entry.replace(".ipynb>", ">") for entry in listed])
    for part, files in documents().items():
        yield _tree(words[part], [_entry(file, words) for file in files])


def _entry(file: str, words: dict[str, str]) -> str:
    name = posixpath.splitext(file)[0]
    short = words.get(f"short_{posixpath.basename(name).lower()}") if "README" not in file else None
    if file == "data/README.md":
        short = words["short_data"]
    return f"{short} <{name}>" if short else name


def _tree(caption: str, entries: list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *entries, "```"])


def topics(settings: Settings) -> str:
    """The index of topics: letters to jump to, and a list in columns."""
    found = index.entries(notebooks.paths())
    letters = [(letter, list(group)) for letter, group in groupby(found, _letter)]
    jump = " ".join(f'<a href="#topics-{_name(letter)}">{letter}</a>' for letter, _ in letters)
    label = escape(settings.words["index_of_topics"])
    parts = [
        f"# {settings.words['index_of_topics']}",
        settings.words["topics_text"],
        f'<nav class="letters" aria-label="{label}">{jump}</nav>',
    ]
    for letter, group in letters:
        items = "".join(_topic(topic, list(each)) for topic, each in groupby(group, _of_topic))
        parts.append(f'<h2 class="letter" id="topics-{_name(letter)}">{letter}</h2>')
        parts.append(f'<ul class="topics">\n{items}</ul>')
    return "\n\n".join(parts)


def _letter(entry: index.Entry) -> str:
    first = re.sub(r"^[\W_]+", "", entry.topic)[:1].upper()
    return first if first.isalpha() else "#"


def _of_topic(entry: index.Entry) -> str:
    return entry.topic


def _name(letter: str) -> str:
    return "signs" if letter == "#" else letter


def _topic(topic: str, entries: list[index.Entry]) -> str:
    links = " ".join(
        f'<a href="../notebooks/{entry.file.removesuffix(".ipynb")}.html#{CELL}{entry.cell}" '
        f'title="{escape(entry.section)}">{notebooks.chapter_of(ROOT / entry.file)}</a>'
        for entry in entries
    )
    return f"<li><span>{escape(topic)}</span> {links}</li>\n"


def licence(settings: Settings) -> str:
    """Both licences, as they stand in the repository."""
    words = settings.words
    code = (ROOT / "LICENSE").read_text(encoding="utf-8").strip()
    text = (ROOT / "LICENSE-TEXT").read_text(encoding="utf-8").strip()
    return "\n\n".join(
        [
            "---\nnosearch: true\n---",
            f"# {words['licence']}",
            f"## {words['licence_code']}",
            f"```text\n{code}\n```",
            f"## {words['licence_text']}",
            f"```text\n{text}\n```",
        ]
    )


def citation(settings: Settings) -> str:
    """How to cite the course, made from CITATION.cff."""
    words = settings.words
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8").strip()
    cited = yaml.safe_load(text)
    authors = " and ".join(_author(author) for author in cited["authors"])
    year = str(cited.get("date-released", ""))[:4]
    fields = {
        "author": f"{{{authors}}}",
        "title": cited["title"],
        "version": cited.get("version", ""),
        "year": year,
        "url": settings.repository,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    bibtex = "\n".join(["@software{pytorch_course,", *lines, "}"])
    return "\n\n".join(
        [
            f"# {words['citation']}",
            f"{authors}: *{cited['title']}*, {words['version']} {cited.get('version', '')}.",
            f"```bibtex\n{bibtex}\n```",
            words["citation_file"],
            f"```yaml\n{text}\n```",
        ]
    )


def _author(author: dict[str, str]) -> str:
    given = " ".join(filter(None, [author.get("given-names"), author.get("family-names")]))
    return given or author["name"]
