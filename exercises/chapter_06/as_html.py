import html
import re
from typing import Any

from helpers.grading.exercise import Exercise, edit

_BREAK = re.compile(r"<br *(?:/|></br)?>[ \n]*", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:[^<&]|&(?:\w+|#\d+|#x[0-9a-f]+);)*", re.IGNORECASE)


def _as_written(result: Any, *_: Any) -> Any:
    """HTML in one of the forms that look the same: which characters are escaped, and how."""
    return "<br>".join(map(_line_as_written, _BREAK.split(result)))


def _line_as_written(line: str) -> str:
    """A line as html.escape writes it; one in which a < or & is bare stays as it is."""
    return html.escape(html.unescape(line)) if _ESCAPED.fullmatch(line) else line


exercise = Exercise(
    "as_html(lines)",
    title="texts from outside, in lines",
    prompt="""
        Write `as_html(lines)`: `lines` is a list of texts from outside. Return one text of
        HTML for `vis.text`, with `<br>` between the lines, which shows each text with all of its
        characters: a name such as `<b>.png` or `a&lt;b` looks on the page as it does here.
        Python's `html.escape(text)` makes one text harmless. Nothing follows the last line.
    """,
    shapes="lines: list of str. Returns a str.",
    cases=[
        lambda: (["<b>cat</b>.png", "fish & chips"],),
        lambda: (["a&lt;b", 'say "x"', "1 < 2"],),
        lambda: (["no. 1", "", "colour bar"],),
        lambda: ([],),
    ],
    canonical=_as_written,
    hints=(
        "Two things happen: characters are escaped, and lines are joined. In which order?",
        "What joins the lines is HTML of your own, so it must not be escaped.",
        '"<br>".join(…) of the escaped lines.',
    ),
)


@exercise.answer(
    why="What comes from outside is escaped before your own HTML is added to it; the other way "
    "round, your <br> would be shown as well. The course's escape does both at once: it "
    "makes a <br> of each line break."
)
def as_html(lines):
    import html

    return "<br>".join(html.escape(line) for line in lines)


@exercise.right
def _(lines):
    from html import escape

    text = ""
    for number, line in enumerate(lines):
        text += ("<br>" if number else "") + escape(line, quote=False)
    return text


@exercise.right
def _(lines):
    safe = []
    for line in lines:
        line = line.replace("&", "&amp;")
        safe.append(line.replace("<", "&lt;").replace(">", "&gt;"))
    return "<br>".join(safe)


exercise.right(
    edit(
        '"<br>".join(html.escape(line) for line in lines)',
        'html.escape("\\n".join(lines)).replace("\\n", "<br>")',
    )
)
exercise.right(edit("<br>", "<br/>\\n"))
exercise.right(
    lambda lines: "<br>".join(x.replace("&", "&amp;").replace("<", "&lt;") for x in lines)
)
exercise.right(
    lambda lines: "<br>".join(x.replace("&", "&#38;").replace("<", "&#x3C;") for x in lines)
)
exercise.right(
    edit("import html", "from helpers.board import escape").edit(
        '"<br>".join(html.escape(line) for line in lines)', 'escape("\\n".join(lines))'
    )
)

exercise.mistake(
    "nothing was escaped: a name such as <b> would be obeyed, not shown",
    lambda lines: "<br>".join(lines),
)
exercise.mistake(
    "your own <br> was escaped too, and is shown: escape each line, then join",
    edit('"<br>".join(html.escape(line) for line in lines)', 'html.escape("<br>".join(lines))'),
)
exercise.mistake(
    "a line break of Python is only a space in HTML; join with <br>",
    edit('"<br>"', '"\\n"'),
)
exercise.mistake(
    "a <br> follows the last line too; join puts it between",
    edit('"<br>".join(html.escape(line)', '"".join(html.escape(line) + "<br>"'),
)
exercise.mistake(
    "rstrip takes away any of the characters <, b, r and >, also those of your text: "
    "removesuffix takes away a word, and join needs neither",
    edit(
        '"<br>".join(html.escape(line) for line in lines)',
        '"".join(html.escape(line) + "<br>" for line in lines).rstrip("<br>")',
    ),
)
exercise.mistake("an empty text is a line too, an empty one", edit("in lines", "in lines if line"))
exercise.mistake(
    "& must be escaped too, and first: else a&lt;b is shown as a<b",
    lambda lines: "<br>".join(line.replace("<", "&lt;").replace(">", "&gt;") for line in lines),
)


@exercise.mistake("& was escaped after < and >, and so their new & once more: do & first")
def _(lines):
    safe = []
    for line in lines:
        line = line.replace("<", "&lt;").replace(">", "&gt;")
        safe.append(line.replace("&", "&amp;"))
    return "<br>".join(safe)


exercise.mistake(
    "the lines were escaped twice: the page would show &lt; where < was meant",
    edit("html.escape(line)", "html.escape(html.escape(line))"),
)
exercise.mistake(
    "a <br> stands before the first line; join puts it between",
    edit('"<br>".join(html.escape(line)', '"".join("<br>" + html.escape(line)'),
)

exercise.rejected("list", lambda lines: [line for line in lines])
