"""Exercise as_html: texts from outside, a line each."""

import re
from typing import Any

from helpers.exercises.exercise import Exercise, Slip, Wrong


def _as_written(result: Any, *_: Any) -> Any:
    """HTML in one of the forms that look the same: quotes need no escape, <br/> is <br>."""
    result = re.sub(r"<br *(?:/|></br)?>[ \n]*", "<br>", result, flags=re.IGNORECASE)
    for written in ("&quot;", "&#34;", "&#x22;"):
        result = result.replace(written, '"')
    for written in ("&#x27;", "&#39;", "&apos;"):
        result = result.replace(written, "'")
    return result


AS_HTML = Exercise(
    chapter="06",
    signature="as_html(lines)",
    title="texts from outside, a line each",
    prompt="""
        Write `as_html(lines)`: `lines` is a list of texts from outside. Return one text of
        HTML for `vis.text`, with `<br>` between the lines, which shows each text with all of its
        characters: a name such as `<b>.png` or `a&lt;b` looks on the page as it does here.
        Python's `html.escape(text)` makes one text harmless. Nothing follows the last line.
    """,
    shapes="lines: list of str. Returns a str.",
    cases=lambda: [
        (["<b>cat</b>.png", "fish & chips"],),
        (["a&lt;b", 'say "x"', "1 < 2"],),
        (["one"],),
        ([],),
    ],
    canonical=_as_written,
    model_answer="""
        import html

        return "<br>".join(html.escape(line) for line in lines)
    """,
    why="What comes from outside is escaped before your own HTML is added to it; the other way "
    "round, your <br> would be shown as well.",
    hints=(
        "Two things happen: characters are escaped, and lines are joined. In which order?",
        "What joins the lines is HTML of your own, so it must not be escaped.",
        '"<br>".join(…) of the escaped lines.',
    ),
    right=(
        """
        from html import escape

        text = ""
        for number, line in enumerate(lines):
            text += ("<br>" if number else "") + escape(line, quote=False)
        return text
        """,
        """
        safe = []
        for line in lines:
            line = line.replace("&", "&amp;")
            safe.append(line.replace("<", "&lt;").replace(">", "&gt;"))
        return "<br>".join(safe)
        """,
        """
        import html

        return html.escape("\\n".join(lines)).replace("\\n", "<br>")
        """,
        """
        import html

        return "<br/>\\n".join(html.escape(line) for line in lines)
        """,
    ),
    slips=(
        Slip(
            'return "<br>".join(lines)',
            "nothing was escaped: a name such as <b> would be obeyed, not shown",
        ),
        Slip(
            """
            import html

            return html.escape("<br>".join(lines))
            """,
            "your own <br> was escaped too, and is shown: escape each line, then join",
        ),
        Slip(
            """
            import html

            return "\\n".join(html.escape(line) for line in lines)
            """,
            "a line break of Python is only a space in HTML; join with <br>",
        ),
        Slip(
            """
            import html

            return "".join(html.escape(line) + "<br>" for line in lines)
            """,
            "a <br> follows the last line too; join puts it between",
        ),
        Slip(
            'return "<br>".join(l.replace("<", "&lt;").replace(">", "&gt;") for l in lines)',
            "& must be escaped too, and first: else a&lt;b is shown as a<b",
        ),
        Slip(
            """
            safe = []
            for line in lines:
                line = line.replace("<", "&lt;").replace(">", "&gt;")
                safe.append(line.replace("&", "&amp;"))
            return "<br>".join(safe)
            """,
            "& was escaped after < and >, and so their new & once more: do & first",
        ),
        Slip(
            """
            import html

            return "<br>".join(html.escape(html.escape(line)) for line in lines)
            """,
            "the lines were escaped twice: the page would show &lt; where < was meant",
        ),
        Slip(
            """
            import html

            return "".join("<br>" + html.escape(line) for line in lines)
            """,
            "a <br> stands before the first line; join puts it between",
        ),
    ),
    wrong=(Wrong("return [line for line in lines]", "list"),),
)
