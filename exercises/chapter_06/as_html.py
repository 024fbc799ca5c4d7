"""Exercise as_html: texts from outside, a line each."""

import html
import re
from typing import Any

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_BREAK = re.compile(r"<br *(?:/|></br)?>[ \n]*", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:[^<&]|&(?:\w+|#\d+|#x[0-9a-f]+);)*", re.IGNORECASE)


def _as_written(result: Any, *_: Any) -> Any:
    """HTML in one of the forms that look the same: which characters are escaped, and how."""
    return "<br>".join(map(_line_as_written, _BREAK.split(result)))


def _line_as_written(line: str) -> str:
    """A line as html.escape writes it; one in which a < or & is bare stays as it is."""
    return html.escape(html.unescape(line)) if _ESCAPED.fullmatch(line) else line


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
        (["no. 1", "", "colour bar"],),
        ([],),
    ],
    canonical=_as_written,
    model_answer="""
        import html

        return "<br>".join(html.escape(line) for line in lines)
    """,
    why="What comes from outside is escaped before your own HTML is added to it; the other way "
    "round, your <br> would be shown as well. The course's escape does both at once: it makes "
    "a <br> of each line break.",
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
        'return "<br>".join(x.replace("&", "&amp;").replace("<", "&lt;") for x in lines)',
        'return "<br>".join(x.replace("&", "&#38;").replace("<", "&#x3C;") for x in lines)',
        """
        from helpers.board import escape

        return escape("\\n".join(lines))
        """,
    ),
    mistakes=(
        KnownMistake(
            'return "<br>".join(lines)',
            "nothing was escaped: a name such as <b> would be obeyed, not shown",
        ),
        KnownMistake(
            """
            import html

            return html.escape("<br>".join(lines))
            """,
            "your own <br> was escaped too, and is shown: escape each line, then join",
        ),
        KnownMistake(
            """
            import html

            return "\\n".join(html.escape(line) for line in lines)
            """,
            "a line break of Python is only a space in HTML; join with <br>",
        ),
        KnownMistake(
            """
            import html

            return "".join(html.escape(line) + "<br>" for line in lines)
            """,
            "a <br> follows the last line too; join puts it between",
        ),
        KnownMistake(
            """
            import html

            return "".join(html.escape(line) + "<br>" for line in lines).rstrip("<br>")
            """,
            "rstrip takes away any of the characters <, b, r and >, also those of your text: "
            "removesuffix takes away a word, and join needs neither",
        ),
        KnownMistake(
            """
            import html

            return "<br>".join(html.escape(line) for line in lines if line)
            """,
            "an empty text is a line too, an empty one",
        ),
        KnownMistake(
            'return "<br>".join(l.replace("<", "&lt;").replace(">", "&gt;") for l in lines)',
            "& must be escaped too, and first: else a&lt;b is shown as a<b",
        ),
        KnownMistake(
            """
            safe = []
            for line in lines:
                line = line.replace("<", "&lt;").replace(">", "&gt;")
                safe.append(line.replace("&", "&amp;"))
            return "<br>".join(safe)
            """,
            "& was escaped after < and >, and so their new & once more: do & first",
        ),
        KnownMistake(
            """
            import html

            return "<br>".join(html.escape(html.escape(line)) for line in lines)
            """,
            "the lines were escaped twice: the page would show &lt; where < was meant",
        ),
        KnownMistake(
            """
            import html

            return "".join("<br>" + html.escape(line) for line in lines)
            """,
            "a <br> stands before the first line; join puts it between",
        ),
    ),
    rejected=(RejectedAnswer("return [line for line in lines]", "list"),),
)
