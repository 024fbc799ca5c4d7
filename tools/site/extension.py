"""What Sphinx is taught for the course: formulas without a script, and figures with their words."""

from html import escape
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)


class HeadingNames(SphinxTransform):
    """A heading can be linked to by the name that it has where the repository is read."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Give each section that name too; docutils' own differs from it in signs and numbers."""
        taken = set(self.document.ids)
        for section in self.document.findall(nodes.section):
            name = section.get("slug")
            if name and name not in taken:
                section["ids"].append(name)
                taken.add(name)


class FigureWords(SphinxTransform):
    """A figure's text, which is stored beside it, becomes its alternative."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Go through the stored outputs of a page."""
        for bundle in self.document.findall(nodes.container):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            forms = {form.get("mime_type"): form for form in bundle.children}
            words = forms.get("text/plain")
            for image in bundle.findall(nodes.image):
                if words is not None:
                    image["alt"] = words.astext()


def fold(translator: Any, node: HideCodeCellNode) -> None:
    """Begin what is folded of a cell; a screen reader hears the words that are seen."""
    classes = " ".join(["fold", *node["classes"]])
    translator.body.append(
        f'<details class="{classes}"><summary><span class="when-closed">'
        f'{escape(node["prompt_show"])}</span><span class="when-open">'
        f"{escape(node['prompt_hide'])}</span></summary>\n"
    )


def end_of_fold(translator: Any, _: HideCodeCellNode) -> None:
    """End it."""
    translator.body.append("</details>\n")


def formula(translator: Any, node: nodes.Element) -> None:
    """A formula as MathML, which browsers draw by themselves."""
    block = isinstance(node, nodes.math_block)
    translator.body.append(_mathml(node.astext(), block))
    raise nodes.SkipNode


def _mathml(source: str, block: bool) -> str:
    try:
        made = tex2mathml(source, as_block=block)
    except Exception as error:  # docutils' own kinds of error are private
        logger.warning("no MathML for the formula %s: %s", source, error, type="course")
        return f"<code>{escape(source)}</code>"
    return f'<div class="formula">{made}</div>' if block else made


def dark_code(app: Sphinx) -> None:
    """Choose the colours of code on dark pages; only a loaded theme knows that it has such."""
    app.config.pygments_dark_style = "github-dark"


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_transform(FigureWords)
    app.add_transform(HeadingNames)
    app.add_node(HideCodeCellNode, override=True, html=(fold, end_of_fold))
    app.connect("builder-inited", dark_code, priority=100)  # before the theme looks
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
