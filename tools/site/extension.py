"""What Sphinx is taught for the course: formulas without a script, and figures with their words."""

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)


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
        return f"<code>{source}</code>"
    return f'<div class="formula">{made}</div>' if block else made


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.add_transform(FigureWords)
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
