"""A figure as a picture: sharp on any screen, with its words, at rest on light and dark pages."""

import base64
import html
import io
from typing import Any

import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.image import AxesImage, BboxImage, FigureImage
from PIL import Image

from helpers._palette import PAPER
from helpers.plot._alternative import Shown, describe, figure_of
from helpers.plot._arguments import first_line

DOTS_PER_INCH = 90
"""Pixels of a page for an inch of a figure."""

SHARPNESS = (2.0, 1.5)
"""Pixels of the picture for one of the page; the second where the first takes over BUDGET."""

BUDGET = 100_000
"""Bytes. Only photographs take more, and they hold no finer detail than 1.5 shows."""

COLOURS = 256

INCH = 0.0254
DARK = (
    'body[data-jp-theme-light="false"]',  # JupyterLab, Notebook
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    'html[theme="dark"]',  # Colab, in the frame of an output
    '[data-theme="dark"]',  # pages made by Sphinx
)
"""How the pages say that they are dark. What the reader's system prefers is not asked: a light
page on a dark desktop is light."""

# On a dark page the lightness of a drawing is turned round and its hues stay: paper becomes
# #151515, ink white, and each colour of a line keeps 4 to 1 and more against the paper.
# A photograph stays as it is, and its paper is dimmed.
TURNED = "filter: invert(0.93) hue-rotate(180deg) brightness(1.2)"
DIMMED = "filter: brightness(0.85); border-radius: 4px"


def png(figure: Shown) -> bytes:
    """Return the figure as PNG bytes on an opaque ground, without version or time in the file.

    Two pixels for one of the page, so that a screen with fine pixels shows sharp lines; the
    file says so itself. 256 colours of its own are enough for a diagram and for a photograph,
    and a notebook is a third as large for it.

    Args:
        figure: A figure, or what `show` takes instead.

    Raises:
        TypeError: It is not a figure and belongs to none.
        ValueError: Matplotlib cannot draw it, such as a title with an unfinished formula.
    """
    figure = figure_of(figure)
    for sharpness in SHARPNESS:
        picture = _encoded(_drawn(figure, DOTS_PER_INCH * sharpness), DOTS_PER_INCH * sharpness)
        if len(picture) <= BUDGET:
            break
    return picture


def _drawn(figure: Figure, dots: float) -> Image.Image:
    """Return the pixels, `dots` for an inch."""
    own = figure.get_facecolor()
    ground = own if to_rgba(own)[3] == 1 else PAPER
    target = io.BytesIO()
    try:
        figure.savefig(target, format="png", dpi=dots, bbox_inches="tight", facecolor=ground)
    except Exception as problem:
        raise ValueError(
            f"Matplotlib cannot draw this figure ({first_line(problem)}); look at its texts, in "
            "which $…$ is a formula, at its size and at its limits."
        ) from problem
    with Image.open(target) as picture:
        return picture.convert("RGB")


def _encoded(picture: Image.Image, dots: float) -> bytes:
    """Return a PNG with a palette that notes how many dots make an inch."""
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    target = io.BytesIO()
    few.save(target, format="PNG", optimize=True, dpi=(dots, dots))
    return target.getvalue()


def size(picture: bytes) -> tuple[int, int]:
    """Return the width and height, in pixels of a page, at which a PNG of `png` is shown."""
    with Image.open(io.BytesIO(picture)) as opened:
        dots = opened.info.get("dpi", (DOTS_PER_INCH, DOTS_PER_INCH))[0]
        width, height = (round(side * DOTS_PER_INCH / dots) for side in opened.size)
    return width, height


def is_drawing(figure: Shown) -> bool:
    """Return whether the figure is lines, boxes and texts on light ground, without an image.

    The lightness of such a figure can be turned round for a dark page; that of a photograph,
    of a digit or of a colour map, which means something, cannot.
    """
    figure = figure_of(figure)
    images = (AxesImage, BboxImage, FigureImage, QuadMesh)
    if any(isinstance(artist, images) for artist in figure.findobj()):
        return False
    ground = figure.get_facecolor()
    return to_rgba(ground)[3] < 1 or sum(to_rgb(ground)) > 2.4


def html_image(picture: bytes, words: str, drawing: bool = False) -> str:
    """Return a PNG as HTML, with the words that a screen reader speaks instead of it.

    Args:
        picture: What `png` returned.
        words: What it shows.
        drawing: As `is_drawing` has it: whether a dark page may turn its lightness round.
    """
    source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
    width, height = size(picture)
    name = "course-drawing" if drawing else "course-image"
    return (
        f'<img class="{name}" alt="{html.escape(words)}" src="{source}" width="{width}" '
        f'height="{height}" style="max-width: 100%; height: auto"><style>{_rules()}</style>'
    )


def _rules() -> str:
    """Return what a dark page does with both kinds of figures."""
    kinds = {"course-drawing": TURNED, "course-image": DIMMED}
    return " ".join(
        f"{', '.join(f'{page} img.{name}' for page in DARK)} {{{rule}}}"
        for name, rule in kinds.items()
    )


def metadata(picture: bytes) -> dict[str, dict[str, int]]:
    """Return what a notebook stores beside a PNG: the size at which it is shown."""
    width, height = size(picture)
    return {"image/png": {"width": width, "height": height}}


def bundle(picture: bytes, words: str, markup: str) -> dict[str, str]:
    """Return one output: the PNG, HTML for a live page, and the words."""
    encoded = base64.b64encode(picture).decode("ascii")
    return {"image/png": encoded, "text/html": markup, "text/plain": words}


def show(figure: Shown) -> None:
    """Display the figure with its text alternative as one output, and close it.

    A live notebook shows the HTML form, since JupyterLab gives a plain PNG no words; the PNG
    is what a stored notebook keeps. Outside Jupyter and IPython the words are printed.

    Args:
        figure: A figure; or its axes, an array of axes, anything drawn in it, or `plt` itself
            for the current figure. The whole figure is shown.

    Raises:
        TypeError: It is not a figure and belongs to none.
        ValueError: Matplotlib cannot draw it, or `plt` has no open figure.
    """
    figure = figure_of(figure)
    try:
        words = describe(figure)
        if get_ipython() is None:
            print(words)
            return
        picture = png(figure)
        markup = html_image(picture, words, is_drawing(figure))
        display(bundle(picture, words, markup), metadata=metadata(picture), raw=True)
    finally:
        plt.close(figure)


def sharpen_inline_figures() -> None:
    """Let a notebook's own display of figures, after a plain `plt.plot`, use twice the pixels.

    It is what `%config InlineBackend.figure_formats = {"retina"}` does. A choice that was
    made already stays; nothing happens outside a notebook's kernel.
    """
    shell: Any = get_ipython()
    if getattr(shell, "kernel", None) is None:
        return
    from matplotlib_inline.config import InlineBackend

    settings = InlineBackend.instance(parent=shell)
    if settings.figure_formats == {"png"}:
        settings.figure_formats = {"retina"}
