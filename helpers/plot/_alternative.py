"""A figure and the text that says what it shows, displayed together."""

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

from helpers._palette import PAPER
from helpers.plot._artists import axes_sentences

DOTS_PER_INCH = 90


def describe(figure: Figure) -> str:
    """Return what the figure shows, in words computed from what is drawn in it.

    Titles and axis labels; of each line the number of points, range, ends and mean; of
    points their number and extent; bars with their heights; images with shape, range
    and mean. Numbers have 3 significant digits, so that the text is the same on other
    processors. A diagram of this package carries its own sentences, made from the
    numbers it was drawn from.
    """
    heading = [f"Figure: {figure.get_suptitle()}."] if figure.get_suptitle() else []
    own = getattr(figure, "course_alternative", "")
    if own:
        return "\n".join([*heading, own])
    plots = [axes_sentences(axes) for axes in figure.axes if axes.get_visible()]
    plots = [sentences for sentences in plots if sentences]
    if len(plots) > 1:
        plots = [[f"Plot {place}. {first}", *rest] for place, (first, *rest) in enumerate(plots, 1)]
    lines = [sentence for sentences in plots for sentence in sentences]
    return "\n".join(heading + lines) or "An empty figure."


def png(figure: Figure) -> bytes:
    """Return the figure as PNG bytes on an opaque ground, without version or time in the file.

    256 colours of its own are enough for a diagram and, dithered, for a photograph; a notebook
    is a third as large for it.
    """
    ground = figure.get_facecolor() if figure.get_facecolor()[3] == 1 else PAPER
    drawn, target = io.BytesIO(), io.BytesIO()
    figure.savefig(
        drawn,
        format="png",
        dpi=DOTS_PER_INCH,
        bbox_inches="tight",
        facecolor=ground,
    )
    with Image.open(drawn) as picture:
        few = picture.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT)
    few.save(target, format="PNG", optimize=True)
    return target.getvalue()


def html_image(picture: bytes, words: str) -> str:
    """Return a PNG as HTML, with the words that a screen reader speaks instead of it."""
    source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
    return f'<img alt="{html.escape(words)}" src="{source}" style="max-width: 100%">'


def show(figure: Figure) -> None:
    """Display the figure with its text alternative as one output, and close it.

    A live notebook shows the HTML form, since JupyterLab gives a plain PNG no words; the PNG
    is what a stored notebook keeps. Outside Jupyter and IPython the words are printed.
    """
    words = describe(figure)
    if get_ipython() is None:
        print(words)
    else:
        picture = png(figure)
        bundle = {
            "image/png": base64.b64encode(picture).decode("ascii"),
            "text/html": html_image(picture, words),
            "text/plain": words,
        }
        display(bundle, raw=True)
    plt.close(figure)
