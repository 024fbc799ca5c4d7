"""Write the sources of the site, let Sphinx make pages of them, and read every page again."""

import io
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.console import strip_escape_sequences
from sphinx.util.docutils import docutils_namespace, patch_docutils

from tools import edition, notebooks
from tools.site import links, pages
from tools.site.chapters import DOWNLOADS, Chapter
from tools.site.course import COLAB, HERE, ROOT, Settings

MARK = "_static/course.js"  # what tells a site that was made here from another folder
LARGEST_PAGE = 1_000_000  # bytes
# Furo's own names. The blue is Okabe and Ito's, as in the figures; in the dark the lighter one.
COLOURS = {
    "light_css_variables": {
        "color-brand-primary": "#005b8f",
        "color-brand-content": "#0067a3",
        "color-brand-visited": "#0067a3",
    },
    "dark_css_variables": {
        "color-brand-primary": "#56b4e9",
        "color-brand-content": "#6bbdec",
        "color-brand-visited": "#6bbdec",
    },
}


class SiteError(Exception):
    """Why there is no site: one sentence, or a list of what is wrong."""


def build(folder: Path, settings: Settings | None = None) -> int:
    """Make the site in a folder, in place of the one that is there.

    Args:
        folder: Where its index.html will be.
        settings: Addresses and language; those of the environment by default.

    Returns:
        How many pages it has.

    Raises:
        SiteError: When the folder holds something else, Sphinx warns, a link leads nowhere, or a
            page would load something from elsewhere. The old site is left as it is.
    """
    settings = settings or Settings.from_environment()
    if folder.exists() and not _replaceable(folder):
        raise SiteError(f"{folder} holds something that is not a site of the course; name another.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=folder.parent) as work:
        source, made = Path(work, "source"), Path(work, "site")
        write_sources(source, settings)
        run_sphinx(source, made, settings)
        add_downloads(made)
        if wrong := [*links.faults(made), *_too_large(made)]:
            raise SiteError("\n  ".join(["what is wrong with its pages:", *wrong]))
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    return len(list(folder.rglob("*.html")))


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))


def _too_large(folder: Path) -> list[str]:
    sizes = {path: path.stat().st_size for path in sorted(folder.rglob("*.html"))}
    return [f"{p.name} has {n:,} bytes." for p, n in sizes.items() if n > LARGEST_PAGE]


def write_sources(folder: Path, settings: Settings) -> None:
    """Write what Sphinx reads: a notebook for each chapter, Markdown for every other page."""
    for file, text in pages.sources(settings).items():
        _write(folder / file, text.encode("utf-8"))
    known = pages.addresses()
    for path in notebooks.paths():
        chapter = Chapter(path, known, settings)
        _write(folder / "notebooks" / path.name, notebooks.to_bytes(_with_ids(chapter.notebook())))
    markdown = shutil.ignore_patterns("*.md")  # written above, with the links of the site
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=markdown, dirs_exist_ok=True)


def _with_ids(notebook: Any) -> Any:
    """New cells get an id that depends on nothing but their text."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell["id"] = ""
    notebooks.give_ids(notebook)
    return notebook


def add_downloads(site: Path) -> None:
    """Put the learner's edition of each chapter beside the pages, and Colab's where it was made."""
    for path in notebooks.paths():
        learner = edition.learner(notebooks.read(path))
        _write(site / DOWNLOADS / path.name, notebooks.to_bytes(learner))
        if (COLAB / path.name).is_file():
            (site / DOWNLOADS / "colab").mkdir(exist_ok=True)
            shutil.copyfile(COLAB / path.name, site / DOWNLOADS / "colab" / path.name)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def sphinx_settings(settings: Settings) -> dict[str, Any]:
    """Sphinx's configuration, which would be in conf.py."""
    words = settings.words
    return {
        "project": words["title"],
        "author": "The course maintainers",
        "copyright": "The course maintainers",
        "language": settings.language,
        "extensions": ["myst_nb", "sphinx_copybutton", "tools.site.extension"],
        # chapters are shown as they were run and compared
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 4,
        "html_math_renderer": "mathml",
        "html_theme": "furo",
        "html_theme_options": {"top_of_page_buttons": [], **COLOURS},
        "html_title": words["title"],
        "html_favicon": str(HERE / "static" / "favicon.svg"),
        "html_static_path": [str(HERE / "static")],
        "html_css_files": ["course.css"],
        "html_js_files": [("course.js", {"defer": "defer"})],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_use_index": False,
        "html_domain_indices": False,
        "copybutton_selector": "div.cell_input pre, article > section div.highlight pre",
        "copybutton_exclude": ".linenos, .gp",
    }


def run_sphinx(source: Path, made: Path, settings: Settings) -> None:
    """Make the pages; every warning is an error, and all of them are reported."""
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=made,
            doctreedir=source.parent / "doctrees",
            buildername="html",
            confoverrides=sphinx_settings(settings),
            status=None,
            warning=warnings,
            freshenv=True,
        )
        app.build(force_all=True)
    told = strip_escape_sequences(warnings.getvalue()).replace(str(source), "")
    found = [line for line in told.splitlines() if line.strip()]
    if app.statuscode or found:
        raise SiteError("\n  ".join(["Sphinx warns:", *(found or ["no reason was given"])]))
