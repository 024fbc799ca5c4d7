"""What a pane shows, in words: for those who do not see it, and to be compared."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

LONGEST = 100  # characters of a text


@dataclass(frozen=True)
class Pane:
    """A pane as the server has it.

    Attributes:
        name: The name by which it is addressed, its `win`.
        window: What `get_window_data` gave, decoded; None where there is no such pane.
    """

    name: str
    window: dict | None

    def __repr__(self) -> str:
        """The title, and a line for each curve, image or text."""
        if self.window is None:
            return f"pane {self.name!r}: there is none"
        title = self.window.get("title")
        heading = f"pane {self.name!r}" + (f", title {title!r}" if title else "")
        return "\n  ".join([f"{heading}:", *_content(self.window)])


def _content(window: dict) -> list[str]:
    content = window["content"]
    if window["type"] == "plot":
        return [_trace(trace) for trace in content["data"]]
    if window["type"] == "image":
        caption = content.get("caption")
        return [_image(content["src"]) + (f", caption {caption!r}" if caption else "")]
    if window["type"] != "text":
        return [window["type"]]
    if content.startswith("<svg"):
        return ["an SVG drawing"]
    return [f"text {content[:LONGEST] + '…' * (len(content) > LONGEST)!r}"]


def _trace(trace: dict) -> str:
    """One curve, set of points, bars or table of a plot."""
    kind, values = trace["type"], trace.get("y")
    if kind.startswith("scatter"):
        kind = trace.get("mode", "lines")
        name = f" {trace['name']!r}" if trace.get("name") else ""
        return f"{kind}{name}: {_points(trace)}"
    if kind in ("heatmap", "surface", "contour"):
        rows = trace["z"]
        return f"{kind}: {len(rows)} rows, {len(rows[0])} columns"
    if kind == "pie":
        parts = zip(trace.get("labels") or range(len(trace["values"])), trace["values"])
        return "pie: " + ", ".join(f"{label} {value:.3g}" for label, value in parts)
    if kind == "bar":
        places = zip(trace["x"], values)
        return f"{len(values)} bars: " + _few([f"{_short(x)} {y:.3g}" for x, y in places])
    name = f" {trace['name']!r}" if trace.get("name") else ""
    return f"{kind}{name}: {len(values)} values"


def _points(trace: dict) -> str:
    """How many points, the first and the last of them, and how many gaps."""
    axes = [trace[axis] for axis in "xyz" if axis in trace]
    drawn = [point for point in zip(*axes) if None not in point]
    gaps = len(axes[0]) - len(drawn)
    note = f", {gaps} gaps" if gaps else ""
    points = [f"({', '.join(map(_short, point))})" for point in drawn]
    if len(points) < 2:
        return f"{len(points)} point{'s' * (not points)}, {''.join(points)}{note}"
    return f"{len(points)} points, {points[0]} to {points[-1]}{note}"


def _few(words: list[str]) -> str:
    return ", ".join(words if len(words) <= 6 else [*words[:3], "…", words[-1]])


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float | int) else str(value)


def _image(source: str) -> str:
    from PIL import Image

    kind, _, encoded = source.partition(";base64,")
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        return f"{kind.rpartition('/')[2]} image: {image.height} rows, {image.width} columns"
