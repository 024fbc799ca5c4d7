"""Text that comes from outside, made harmless for visdom's panes, which show HTML."""

from __future__ import annotations

import html


def escape(text: object) -> str:
    """Return `str(text)` so that a pane shows its characters and runs none of them."""
    return html.escape(str(text)).replace("\n", "<br>")
