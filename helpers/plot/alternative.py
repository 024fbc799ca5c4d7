"""A figure and the text that says what it shows, displayed together."""

import base64
import io

import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

from helpers.plot.palette import PAPER
from helpers.plot.reading import axes_sentences

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
    """Return the figure as PNG bytes on an opaque ground, without version or time in the file."""
    ground = figure.get_facecolor() if figure.get_facecolor()[3] == 1 else PAPER
    # A diagram fills its page exactly; finding the tight border would draw it a second time.
    border = None if hasattr(figure, "course_alternative") else "tight"
    target = io.BytesIO()
    figure.savefig(
        target,
        format="png",
        dpi=DOTS_PER_INCH,
        bbox_inches=border,
        facecolor=ground,
        metadata={"Software": None},
    )
    return target.getvalue()


def show(figure: Figure) -> None:
    """Display the figure with its text alternative as one output, and close it.

    Outside Jupyter and IPython the text alternative is printed instead.
    """
    words = describe(figure)
    if get_ipython() is None:
        print(words)
    else:
        image = base64.b64encode(png(figure)).decode("ascii")
        bundle = {"image/png": image, "text/plain": words}
        display(bundle, raw=True, metadata={"image/png": {"alt": words}})
    plt.close(figure)
