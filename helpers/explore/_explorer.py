"""What every explorer shares: a figure and words that controls redraw, and a static fallback."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from helpers import plot
from helpers._notebook import WIDGET_VIEW
from helpers.plot import _picture as pictures

if TYPE_CHECKING:
    import ipywidgets


@dataclass(frozen=True)
class Picture:
    """One state of an explorer: a figure, and the sentences that belong to it."""

    figure: Figure
    sentences: tuple[str, ...]


class Explorer:
    """A picture that controls change. Jupyter shows the controls, or the picture alone.

    `png` and `text` hold what is shown now; `controls` the widgets by name (empty
    without ipywidgets).
    """

    def __init__(self, name: str, picture: Picture) -> None:
        self.name = name
        self.controls: dict[str, ipywidgets.ValueWidget] = {}
        self._widget: ipywidgets.Widget | None = None
        self._panel: ipywidgets.Box | None = None
        self._image: ipywidgets.HTML | None = None
        self._words: ipywidgets.HTML | None = None
        self.draw(picture)

    def draw(self, picture: Picture) -> None:
        """Show another picture in place of this one."""
        self.png = plot.png(picture.figure)
        self.alternative = plot.describe(picture.figure)
        self._is_drawing = pictures.is_drawing(picture.figure)
        if self._image is not None:
            self._image.value = self._html_image()
        self.say(picture.sentences)

    def say(self, sentences: tuple[str, ...]) -> None:
        """Show other sentences; the figure stays."""
        self.sentences = sentences
        if self._words is not None:
            self._words.value = self._html()

    @property
    def text(self) -> str:
        """The whole state in words: what a reader without the picture reads."""
        return "\n".join([self.name, *self.sentences, self.alternative])

    def attach(self, controls: "dict[str, ipywidgets.ValueWidget]") -> None:
        """Put controls above the picture; each is shown with its description.

        Other controls may follow later: those that are in both stay as they are, with the
        keyboard on them, and those that have gone are closed.
        """
        import ipywidgets

        for control in controls.values():
            control.style.description_width = "9em"
            control.layout.width, control.layout.max_width = "26em", "100%"
        gone = [old for old in self.controls.values() if old not in controls.values()]
        self.controls = controls
        if self._panel is None:
            self._panel = ipywidgets.VBox()
            # An image widget could not carry the words for who does not see it.
            self._image = ipywidgets.HTML(value=self._html_image())
            self._words = ipywidgets.HTML(value=self._html())
            self._widget = ipywidgets.VBox([self._panel, self._words, self._image])
        self._panel.children = tuple(controls.values())
        for control in gone:
            control.close()

    def _html(self) -> str:
        """Return the sentences, which screen readers announce, and the alternative."""
        lines = "".join(f"<div><code>{escape(line)}</code></div>" for line in self.sentences)
        words = "<br>".join(escape(line) for line in self.alternative.splitlines())
        return (
            f'<div role="status" aria-live="polite" style="line-height: 1.5">{lines}</div>'
            f"<details><summary>The figure in words</summary>{words}</details>"
        )

    def _html_image(self) -> str:
        """Return the figure as HTML, with its words for who does not see it."""
        return pictures.html_image(self.png, self.alternative, self._is_drawing)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Return the static figure and its words, and the widget where there is one."""
        markup = f"<div>{self._html()}{self._html_image()}</div>"
        bundle: dict[str, object] = {**pictures.bundle(self.png, self.text, markup)}
        if self._widget is not None:
            model = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self._widget.model_id,
            }
            bundle[WIDGET_VIEW] = model
        return bundle, {**pictures.metadata(self.png)}

    def __repr__(self) -> str:
        return self.text


def widgets_are_installed() -> bool:
    """Return whether ipywidgets can be imported."""
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return False
    return True
