"""Visdom's own client, which never waits for ever, and panes in words.

The words are for those who do not see the page, and to be compared.
"""

from __future__ import annotations

import base64
import io
import json
import logging
from dataclasses import dataclass

import requests
import visdom

from helpers.board import _validation

SECONDS = (2.0, 20.0)  # to connect, and to wait for an answer
LONGEST = 100  # characters of a text


class Client(visdom.Visdom):
    """All calls of `visdom.Visdom`, on one server; raises ConnectionError if it is gone."""

    def __init__(self, port: int, base: str, environment: str, *, events: bool = False) -> None:
        """Connect to 127.0.0.1; with `events`, also listen for what happens in the page."""
        logging.getLogger("visdom").setLevel(logging.ERROR)
        super().__init__(
            "http://127.0.0.1",
            port=port,
            base_url=base,
            env=environment,
            use_incoming_socket=events,
            raise_exceptions=True,
        )

    def read(self, win: str) -> Pane:
        """Return a pane as the server has it; its repr says in words what it shows.

        Raises TypeError for a name that is not a string, ConnectionError without a server.
        """
        if not isinstance(win, str):
            raise TypeError(f"a pane's name is a string, not {_validation.short(win)}")
        known = self.win_exists(win)
        return Pane(win, json.loads(self.get_window_data(win)) if known else None)

    @property
    def session(self) -> requests.Session:
        """One connection for all calls; a proxy in the environment is not for loopback."""
        session: requests.Session | None = vars(self)["_session"]
        if session is None:
            session = self._session = requests.Session()
            session.trust_env = False
        return session

    def _handle_post(self, url: str, data: str | None = None) -> str:
        answer = self.session.post(url, data=data or "{}", timeout=SECONDS)
        if not answer.ok:  # the words of `raise_for_status` hold the secret
            raise requests.HTTPError(
                f"visdom's server answered {answer.status_code} {answer.reason}", response=answer
            )
        return answer.text


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
    kind, values = trace["type"], trace.get("y") or []
    if kind.startswith("scatter"):
        kind = trace.get("mode", "lines")
        name = f" {trace['name']!r}" if trace.get("name") else ""
        return f"{kind}{name}: {_points(trace)}"
    if kind in ("heatmap", "surface", "contour"):
        rows = trace["z"]
        return f"{kind}: {len(rows)} rows, {len(rows[0]) if rows else 0} columns"
    if kind == "pie":
        parts = zip(trace.get("labels") or range(len(trace["values"])), trace["values"])
        return "pie: " + ", ".join(f"{label} {_short(value)}" for label, value in parts)
    if kind == "bar":
        bars = zip(trace["x"], values)
        return f"{len(values)} bars: " + _few([f"{_short(x)} {_short(y)}" for x, y in bars])
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
