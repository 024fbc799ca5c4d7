"""Exercises and predictions of chapter 06, visdom and TensorBoard."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import torch
from torch import nn

from helpers import data, train
from helpers.exercises.elsewhere import Making, TensorOnGPU
from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.modules import ModuleExercise, Unfit
from helpers.exercises.prediction import Choice, Prediction
from helpers.exercises.report import Report


def _window(**curves: list[float | None]) -> str:
    """A pane of lines as `get_window_data` gives it: curves by name, heights from step 10."""
    traces = [
        {"x": list(range(10, 10 + len(heights))), "y": heights, "name": name, "type": "scatter"}
        for name, heights in curves.items()
    ]
    return json.dumps({"command": "window", "type": "plot", "content": {"data": traces}})


_LAST = """
    import json

    found = {}
    for trace in json.loads(window)["content"]["data"]:
        heights = [height for height in trace["y"] if height is not None]
        if heights:
            found[trace["name"]] = heights[-1]
    return found
"""

LAST_VALUES = Exercise(
    chapter="06",
    signature="last_values(window)",
    title="where do the curves stand?",
    prompt="""
        Write `last_values(window)`: `window` is the text that `get_window_data` gives for
        a pane of lines. Return a dictionary: for the name of each trace its last height
        (`y`) that is not `None`. A trace that has none is left out.
    """,
    shapes="window: str, in JSON. Returns a dict of str to float.",
    cases=lambda: [
        (_window(train=[2.0, 3.0, 2.5], validation=[4.0, 0.5, None]),),
        (_window(loss=[1.5, None, None], rate=[None, None]),),
        (_window(train=[3.0, 1.0, 0.0]),),
    ],
    canonical=lambda result, *_: dict(sorted(result.items())),
    model_answer=_LAST,
    why="What the server has is text; json.loads makes lists and dictionaries of it. None is a "
    "gap, where the value was nan.",
    hints=(
        'json.loads(window)["content"]["data"] is the list of traces.',
        'Of each trace["y"], keep what is not None; the last of it is wanted.',
        "Beware of `if height`: a height of 0.0 counts as False, and is no gap.",
    ),
    right=(
        """
        import json

        traces = json.loads(window)["content"]["data"]
        return {
            trace["name"]: next(y for y in reversed(trace["y"]) if y is not None)
            for trace in traces
            if any(y is not None for y in trace["y"])
        }
        """,
        """
        import json

        last = {}
        for trace in json.loads(window)["content"]["data"]:
            for height in trace["y"]:
                if height is not None:
                    last[trace["name"]] = height
        return last
        """,
        """
        import json

        last = {}
        for trace in reversed(json.loads(window)["content"]["data"]):
            heights = trace["y"]
            while heights and heights[-1] is None:
                heights.pop()
            if heights:
                last[trace["name"]] = heights[-1]
        return last
        """,
    ),
    slips=(
        Slip(
            _LAST.replace(
                '        heights = [height for height in trace["y"] if height is not None]\n'
                "        if heights:\n"
                '            found[trace["name"]] = heights[-1]\n',
                '        found[trace["name"]] = trace["y"][-1]\n',
            ),
            "the last height may be None, a gap: look further back",
        ),
        Slip(
            _LAST.replace("heights[-1]", "max(heights)"),
            "this is the highest, not the last",
        ),
        Slip(
            _LAST.replace('trace["y"] if', 'trace["x"] if'),
            "x holds the steps; the heights are in y",
        ),
        Slip(
            _LAST.replace("if height is not None", "if height"),
            "0.0 counts as False; ask `is not None`",
        ),
        Slip(
            _LAST.replace("heights[-1]", "heights[0]"),
            "this is the first height; the last is at place -1",
        ),
        Slip(
            _LAST.replace("heights[-1]", "heights[-1] if heights else None").replace(
                "        if heights:\n            found", "        found"
            ),
            "a trace that has no height is left out, not kept with None",
        ),
        Slip(
            _LAST.replace("        if heights:\n            found", "        found"),
            "of an empty list there is no last element: leave such a trace out",
        ),
    ),
    wrong=(
        Wrong('return window["content"]["data"]', "TypeError"),
        Wrong(_LAST.replace("found = {}", "return {}"), "0 elements instead of 2"),
    ),
)


class _BesideAGPU(ModuleExercise):
    """An exercise in which a stand-in for a tensor on a GPU is known to PyTorch."""

    def grade(self, answer: Any) -> Report:
        """Say how an answer stands, without showing or remembering anything."""
        with Making():
            return super().grade(answer)


def _not_on_the_gpu(result: Any, *_: Any) -> Any:
    """The result itself, if it has been copied to the CPU."""
    if isinstance(result, TensorOnGPU):
        raise Unfit("the result is still on the GPU: .cpu() copies it to the CPU")
    return result


def _plottable_cases() -> list[tuple]:
    """Each kind of value that a training loop may have at hand."""
    return [
        (0.5,),
        (torch.tensor(0.25),),
        (torch.tensor([1.0, 2.0, 4.0], requires_grad=True),),
        (torch.tensor([0.5, 1.5], dtype=torch.bfloat16),),
        (3,),
        (torch.tensor([5, 6]),),
        (torch.tensor(0.75).as_subclass(TensorOnGPU),),
        (torch.tensor([1.0, 2.5], dtype=torch.float64).as_subclass(TensorOnGPU),),
    ]


PLOTTABLE = _BesideAGPU(
    chapter="06",
    signature="plottable(value)",
    title="a value that vis.line takes",
    prompt="""
        Write `plottable(value)`: make of a Python number, of a tensor without dimensions,
        or of one with one dimension what `vis.line` takes in any case: a `float32` tensor
        with one dimension, on the CPU, without a gradient. The tensor may be of any dtype,
        may lie on a GPU (the check has a stand-in for that), and may require a gradient.
    """,
    shapes="value: a number, or a tensor with 0 or 1 dimensions. Returns float32 (n,).",
    cases=_plottable_cases,
    look=_not_on_the_gpu,
    model_answer="return torch.as_tensor(value).detach().cpu().float().reshape(-1)",
    why="as_tensor takes numbers and tensors; reshape(-1) gives one dimension to both kinds; "
    "detach leaves the graph behind.",
    hints=(
        "torch.as_tensor takes a number as well as a tensor.",
        "Four things are to be settled: gradient, device, dtype, shape. Each has a method.",
        ".detach(), .cpu(), .float(), and .reshape(-1) for the shape.",
    ),
    right=(
        """
        if not isinstance(value, torch.Tensor):
            return torch.tensor([float(value)])
        value = value.detach().to("cpu", torch.float32)
        return value[None] if value.ndim == 0 else value
        """,
        """
        with torch.no_grad():
            return torch.atleast_1d(torch.as_tensor(value)).to("cpu", torch.float32).clone()
        """,
        'return torch.as_tensor(value, device="cpu", dtype=torch.float32).detach().view(-1)',
        """
        numbers = value.tolist() if isinstance(value, torch.Tensor) else value
        return torch.tensor(numbers if isinstance(numbers, list) else [numbers]).float()
        """,
    ),
    slips=(
        Slip(
            "return torch.as_tensor(value).cpu().float().reshape(-1)",
            "the result still requires a gradient, and keeps the whole graph alive: detach it",
        ),
        Slip(
            "return torch.as_tensor(value).detach().cpu().float()",
            "a tensor without dimensions stays one without: give it one dimension",
        ),
        Slip(
            "return torch.as_tensor(value).detach().cpu().reshape(-1)",
            "the dtype is still that of the value: float32 was asked for",
        ),
        Slip(
            "return torch.as_tensor(value).detach().cpu().float()[None]",
            "[None] adds a dimension also where there is one already",
        ),
        Slip(
            """
            value = torch.as_tensor(value).detach().cpu().float()
            return value.tolist() if value.ndim else [value.item()]
            """,
            "vis.line takes a list too, but a tensor was asked for",
        ),
    ),
    wrong=(
        Wrong("return torch.as_tensor(value).detach().float().reshape(-1)", "still on the GPU"),
        Wrong(
            "return torch.as_tensor(value).detach().to(torch.float32).reshape(-1)",
            "still on the GPU",
        ),
        Wrong(
            """
            if not isinstance(value, torch.Tensor):
                return torch.tensor([float(value)])
            return torch.from_numpy(value.detach().float().numpy()).reshape(-1)
            """,
            "Tensor.cpu()",
        ),
        Wrong(
            """
            with torch.no_grad():
                return torch.atleast_1d(torch.as_tensor(value).cpu().float())
            """,
            "still carries the gradient",
        ),
        Wrong("return [value.item()]", "AttributeError"),
        Wrong("return torch.tensor([float(value)])", "converted"),
    ),
)


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


def _curve(length: int, seed: int) -> torch.Tensor:
    """Different heights in random order, float32 (length,)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(length, generator=generator).float() / 4


_THIN = """
    rows = values.reshape(pieces, -1)
    starts = torch.arange(pieces) * rows.shape[1]
    places = torch.cat([{parts}])
    return {result}
"""
_LOWEST, _HIGHEST = "rows.argmin(dim=1) + starts", "rows.argmax(dim=1) + starts"


def _thin(parts: str = f"{_LOWEST}, {_HIGHEST}", result: str = "places.unique()") -> str:
    """The thinning with one part in another way."""
    return _THIN.format(parts=parts, result=result)


THIN_PLACES = Exercise(
    chapter="06",
    signature="thin_places(values, pieces)",
    title="fewer points, and every spike",
    prompt="""
        Write `thin_places(values, pieces)`, without a loop: the curve is cut into `pieces`
        pieces of equal length (it can be). Return the places, counted in the whole curve,
        of the lowest and of the highest value of each piece: ascending, and each place
        once. No two values are equal. `values[thin_places(values, pieces)]` is then the
        thinned curve, in a simpler form than the board's.
    """,
    shapes="values: float32 (n,). pieces: int. Returns int64, at most 2 * pieces places.",
    cases=lambda: [(_curve(12, 1), 3), (_curve(20, 1), 2), (_curve(6, 2), 6)],
    large=lambda: (_curve(1_200, 3), 300),
    model_answer=_thin(),
    why="With one row a piece, argmin and argmax find all at once; the start of a piece turns a "
    "place within it into a place in the curve.",
    hints=(
        "values.reshape(pieces, -1) has a row for each piece; no loop is needed.",
        "argmin(dim=1) gives places within the rows. Where does each row start in the curve?",
        "torch.cat both, add the starts, and .unique() sorts and drops what comes twice.",
    ),
    right=(
        """
        rows = values.view(pieces, len(values) // pieces)
        inside = torch.stack([rows.min(dim=1).indices, rows.max(dim=1).indices], dim=1)
        places = inside + torch.arange(0, len(values), rows.shape[1])[:, None]
        return torch.unique(places.flatten())
        """,
        """
        numbered = torch.arange(len(values)).reshape(pieces, -1)
        order = values.reshape(pieces, -1).argsort(dim=1)
        ends = numbered.gather(1, order[:, [0, -1]])
        return ends.flatten().sort().values.unique_consecutive()
        """,
    ),
    slips=(
        Slip(
            _thin("rows.argmin(dim=1), rows.argmax(dim=1)"),
            "these places are counted within each piece; add where the piece starts",
        ),
        Slip(_thin(_HIGHEST), "the lowest values are missing"),
        Slip(_thin(_LOWEST), "the highest values are missing"),
        Slip(_thin(result="places"), "the places are not ascending, or one comes twice"),
        Slip(
            _thin(result="places.sort().values"),
            "a piece of one value is lowest and highest: its place comes once",
        ),
        Slip(
            _thin(result="places.reshape(2, -1).T.flatten()"),
            "the lowest need not come before the highest of its piece: sort the places",
        ),
        Slip(_thin(result="values[places.unique()]"), "these are the values, not their places"),
        Slip(
            "return torch.arange(0, len(values), len(values) // pieces)",
            "every so-manyth point loses the spikes between",
        ),
        *(
            Slip(
                _thin()
                .replace("values.reshape(pieces, -1)", "values.reshape(-1, pieces)")
                .replace("arange(pieces)", starts),
                "reshape(-1, pieces) makes pieces of the length `pieces`; one row a piece is "
                "reshape(pieces, -1)",
            )
            for starts in ("arange(pieces)", "arange(rows.shape[0])")
        ),
        Slip(
            _thin().replace("* rows.shape[1]", "* pieces"),
            "a piece starts where those before it end: its number times the length of a piece",
        ),
        *(
            Slip(
                _thin("rows.amin(dim=1), rows.amax(dim=1)", result),
                "amin and amax give the values; argmin and argmax say where they stand",
            )
            for result in ("places", "places.unique()", "places.reshape(2, -1).T.flatten()")
        ),
    ),
    wrong=(
        Wrong(_thin(result="places.unique().tolist()"), "tensor"),
        Wrong(
            """
            size = len(values) // pieces
            places = set()
            for start in range(0, len(values), size):
                piece = values[start : start + size]
                places |= {start + int(piece.argmin()), start + int(piece.argmax())}
            return torch.tensor(sorted(places))
            """,
            "right values, but in a loop",
        ),
    ),
)

_SMOOTHED = """
    s, result = {first}, []
    for count, value in enumerate(values, start=1):
        s = {step}
        result.append({said})
    return result
"""


def _smooth(
    first: str = "0.0",
    step: str = "weight * s + (1 - weight) * value",
    said: str = "s / (1 - weight**count)",
) -> str:
    """The smoothing with one part in another way."""
    return _SMOOTHED.format(first=first, step=step, said=said)


SMOOTHED = Exercise(
    chapter="06",
    signature="smoothed(values, weight)",
    title="what the slider does",
    prompt="""
        Write `smoothed(values, weight)`, TensorBoard's smoothing; return a list as long as
        `values`. A running mean `s` begins at 0, and each value changes it: the new `s` is
        `weight` times the old one and `1 - weight` times the value. As it began at 0, `s`
        is too small at first: after n values it holds only the share `1 - weight**n` of
        them. What is drawn is `s` divided by this share.
    """,
    shapes="values: list of float. weight: float, from 0 to below 1. Returns a list.",
    cases=lambda: [
        ([4.0, 2.0, 1.0, 0.5], 0.5),
        ([3.0, 3.0, 3.0], 0.9),
        ([5.0, 1.0], 0.0),
        ([], 0.6),
    ],
    model_answer=_smooth(),
    why="Without the division a flat curve would seem to rise from 0. And each point depends on "
    "all before it: a smoothed curve is late.",
    hints=(
        "One loop over the values; s is carried from one to the next.",
        "Keep s and what is drawn apart: the division must not go into the next s.",
        "enumerate(values, start=1) counts n: the share is 1 - weight**n.",
    ),
    right=(
        """
        result = []
        for n in range(1, len(values) + 1):
            weights = [(1 - weight) * weight ** (n - 1 - i) for i in range(n)]
            total = sum(w * value for w, value in zip(weights, values))
            result.append(total / sum(weights))
        return result
        """,
        """
        drawn, s, share = [], 0.0, 0.0
        for value in values:
            s = s + (1 - weight) * (value - s)
            share = share + (1 - weight) * (1 - share)
            drawn.append(s / share)
        return drawn
        """,
    ),
    slips=(
        Slip(_smooth(said="s"), "the division is missing: the curve seems to rise from 0"),
        Slip(
            _smooth(step="(1 - weight) * s + weight * value"),
            "weight belongs to the past, 1 - weight to the new value",
        ),
        Slip(
            _smooth(first="values[0] if values else 0.0", said="s"),
            "s begins at 0, not at the first value",
        ),
        Slip(
            """
            s, result = 0.0, []
            for count, value in enumerate(values, start=1):
                s = (weight * s + (1 - weight) * value) / (1 - weight**count)
                result.append(s)
            return result
            """,
            "the divided number went into the next s; keep both apart",
        ),
        Slip(
            _smooth(said="s / (1 - weight ** (count + 1))"),
            "after the first value n is 1: count was one too high",
        ),
        Slip(
            _smooth(said="s / (1 - weight ** (count - 1))"),
            "after the first value n is 1, not 0: count from start=1",
        ),
        Slip(
            _smooth(said="s / (1 - weight ** len(values))"),
            "the share was that of all values; after the n-th value it is 1 - weight**n",
        ),
    ),
    wrong=(Wrong("return sum(values) / max(len(values), 1)", "list"),),
)


@cache
def _scores() -> tuple[torch.Tensor, torch.Tensor]:
    """How near each digit is to the mean image of each class: (1797, 10), and the labels."""
    images, labels = data.digits()
    pixels = images.flatten(1).float() / 16
    means = torch.stack([pixels[labels == digit].mean(dim=0) for digit in range(10)])
    return -3 * torch.cdist(pixels, means), labels


def _some_scores(first: int, last: int, count: int) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Scores and labels of some digits, fresh copies."""
    scores, labels = _scores()
    return scores[first:last].clone(), labels[first:last].clone(), count


_WORST = """
    probabilities = scores.softmax(dim=1)
    confidence, guesses = probabilities.max(dim=1)
    wrong = (guesses != targets).nonzero()[:, 0]
    order = {order}
    return {result}
"""


def _worst(
    order: str = "confidence[wrong].argsort(descending=True)", result: str = "wrong[order][:count]"
) -> str:
    """The search with one part in another way."""
    return _WORST.format(order=order, result=result)


WORST_MISTAKES = Exercise(
    chapter="06",
    signature="worst_mistakes(scores, targets, count)",
    title="the mistakes that are surest of themselves",
    prompt="""
        Real digits, and scores of a simple classifier. Write `worst_mistakes(scores,
        targets, count)`: the places of the images that are classified wrongly, the surest
        mistake first, at most `count` of them. How sure it is of an image: the probability
        (softmax) of the class with the highest score. Places count in the whole batch.
    """,
    shapes="scores: float32 (n, 10). targets: int64 (n,). Returns int64, at most count.",
    cases=lambda: [
        _some_scores(0, 400, 8),
        _some_scores(700, 1500, 12),
        _some_scores(0, 60, 50),
        (torch.eye(10)[[3, 1, 4]] * 5, torch.tensor([3, 1, 5]), 4),  # one mistake alone
    ],
    model_answer=_worst(),
    why="The order of the mistakes is an order within the mistakes; wrong[order] turns it into "
    "places in the batch, with which you can index the images.",
    hints=(
        "scores.softmax(dim=1).max(dim=1) gives how sure it is, and of what.",
        "(guesses != targets).nonzero()[:, 0] are the places of the mistakes.",
        "Sort confidence[wrong], descending. The order counts within `wrong`: index it.",
    ),
    right=(
        """
        confidence, guesses = torch.softmax(scores, 1).max(1)
        confidence = confidence.masked_fill(guesses == targets, -1.0)
        mistakes = (guesses != targets).sum()
        return confidence.topk(min(count, int(mistakes))).indices
        """,
        """
        sure = scores.softmax(dim=1).max(dim=1).values.tolist()
        pairs = zip(scores.argmax(dim=1).tolist(), targets.tolist())
        wrong = [place for place, (guess, target) in enumerate(pairs) if guess != target]
        wrong.sort(key=lambda place: -sure[place])
        return torch.tensor(wrong[:count])
        """,
    ),
    slips=(
        Slip(
            _worst("confidence[wrong].argsort()"),
            "the least sure come first: sort descending",
        ),
        Slip(
            _worst(result="order[:count]"),
            "these places count within the mistakes; wrong[order] are those in the batch",
        ),
        Slip(
            _worst("confidence.argsort(descending=True)", "order[:count]"),
            "images that are classified rightly are among them",
        ),
        Slip(
            _worst("scores.max(dim=1).values[wrong].argsort(descending=True)"),
            "a high score is no probability; take the softmax first",
        ),
        Slip(_worst(result="wrong[:count]"), "these are the first mistakes, not the surest"),
        Slip(_worst(result="wrong[order]"), "these are all mistakes; at most count was asked"),
        Slip(
            """
            losses = torch.nn.functional.cross_entropy(scores, targets, reduction="none")
            wrong = (scores.argmax(dim=1) != targets).nonzero()[:, 0]
            return wrong[losses[wrong].argsort(descending=True)][:count]
            """,
            "a high loss says that the right class is improbable; asked was how sure the "
            "classifier is of the wrong one",
        ),
        Slip(
            """
            confidence, guesses = scores.softmax(dim=0).max(dim=1)
            wrong = (guesses != targets).nonzero()[:, 0]
            return wrong[confidence[wrong].argsort(descending=True)][:count]
            """,
            "dim=0 lets the images compete; the probabilities of one image are a row, dim=1",
        ),
        *(
            Slip(
                f"""
                confidence, guesses = scores.softmax(dim=1).max(dim=1)
                confidence = confidence.masked_fill(guesses == targets, {low})
                return confidence.topk(min(count, len(scores))).indices
                """,
                "there are fewer mistakes than count, so right images came in: take at most "
                "as many as there are mistakes",
            )
            for low in ("0.0", "-1.0")
        ),
        Slip(
            """
            confidence, guesses = scores.softmax(dim=1).max(dim=1)
            wrong = (guesses != targets).nonzero()[:, 0]
            return wrong[confidence[wrong].topk(count).indices]
            """,
            "topk wants no more than there are; here are fewer mistakes than count",
        ),
    ),
    wrong=(
        Wrong(_worst(result="wrong[order][:count].tolist()"), "tensor"),
        Wrong(
            """
            confidence, guesses = scores.softmax(dim=1).max(dim=1)
            wrong = (guesses != targets).nonzero().squeeze()
            return wrong[confidence[wrong].argsort(descending=True)][:count]
            """,
            "IndexError",
        ),
    ),
)


class Recorder:
    """A logger that notes how it was called."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def add_scalar(self, tag: str, value: float, step: int) -> None:
        """Note one number."""
        self.calls.append((tag, round(float(value), 5), step))

    def flush(self) -> None:
        """Note that it was flushed."""
        self.calls.append("flush")


# Tag, value, step; None is a flush. The tags come in turns, and no step tells how many came.
_GIVEN = (
    ("a", 1.0, 10),
    ("b", 10.0, 10),
    ("a", 3.0, 20),
    ("b", 30.0, 20),
    ("a", 5.0, 30),
    ("b", 50.0, 30),
    ("a", 9.0, 40),
    ("a", 20.0, 50),
    None,
    None,
    ("a", 7.0, 60),
    None,
)


def _wanted(size: int) -> Iterator[tuple[str, list[object]]]:
    """For each of `_GIVEN`: what waits, in words, and what has to reach the inner logger."""
    waiting: dict[str, list[tuple[float, int]]] = {}
    for given in _GIVEN:
        words = [
            f"{tag} {value} (step {step})"
            for tag, group in waiting.items()
            for value, step in group
        ]
        if given is not None:
            tag, value, step = given
            waiting.setdefault(tag, []).append((value, step))
        full = [tag for tag, group in waiting.items() if given is None or len(group) == size]
        means = [_mean(tag, waiting.pop(tag)) for tag in sorted(full)]
        yield ", ".join(words) or "nothing", [*means, *([] if given else ["flush"])]


def _mean(tag: str, group: list[tuple[float, int]]) -> tuple[str, float, int]:
    """How a group of values with their steps is passed on."""
    return tag, round(sum(value for value, _ in group) / len(group), 5), group[-1][1]


def _look_at_logger(result: Any, logger: Recorder, size: int) -> Any:
    """What reaches the inner logger: by hand, call by call, then in a run on real digits."""
    for name in ("add_scalar", "flush"):
        if not hasattr(result, name):
            raise Unfit(f"{type(result).__name__} came back; it needs add_scalar and flush")
    for given, (waiting, wanted) in zip(_GIVEN, _wanted(size), strict=True):
        logger.calls.clear()
        answer = result.flush() if given is None else result.add_scalar(*given)
        if answer is ...:
            return ...
        if _in_order(logger.calls) != wanted:
            came = "flush()" if given is None else f"add_scalar{given}"
            got = _told(_in_order(logger.calls))
            raise Unfit(
                f"what waited: {waiting}. Then came {came}. With this the other logger was "
                f"given {got}; expected: {_told(wanted)}"
            )
    result.add_scalar("a", 1.0, 70)
    _look_at_another(type(result), size)
    result.flush()
    logger.calls.clear()
    _run(result)
    return _in_order(logger.calls)


def _told(calls: list[object]) -> str:
    """Calls of the inner logger, in words."""
    said = [f"add_scalar{call}" if call != "flush" else "flush()" for call in calls]
    return ", ".join(said) or "nothing"


def _look_at_another(kind: type, size: int) -> None:
    """A second logger, beside one in which a value waits, has its own memory."""
    other = Recorder()
    second = kind(other, size)
    second.add_scalar("a", 100.0, 10)
    second.flush()
    if other.calls != [("a", 100.0, 10), "flush"]:
        raise Unfit(
            "a second MeanLogger passed on values of the first: what an object remembers "
            "belongs to self, and is made in __init__"
        )


def _run(logger: object) -> None:
    """Train a little on real digits."""
    images, labels = data.digits()
    pixels = images[:200].flatten(1).float() / 16
    loader = data.TensorLoader(pixels, labels[:200], batch_size=20)
    model = nn.Linear(64, 10)
    nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    loss = nn.CrossEntropyLoss()
    train.fit(model, loader, loss, optimizer, epochs=1, loggers=[logger], progress=False)


def _in_order(calls: list[object]) -> list[object]:
    """The calls, sorted between two flushes: in which order tags are passed on is free."""
    ordered: list[object] = []
    waiting: list[tuple] = []
    for call in calls:
        if call == "flush":
            ordered += [*sorted(waiting, key=lambda one: (one[0], one[2])), call]
            waiting = []
        else:
            waiting.append(call)
    return ordered + sorted(waiting, key=lambda one: (one[0], one[2]))


_MEAN_LOGGER = """
    class MeanLogger:
        {shared}

        def __init__(self, logger, size):
            self.logger, self.size = logger, size
            {memory}

        def add_scalar(self, tag, value, step):
            {before}
            self.waiting.setdefault(tag, []).append(value)
            self.steps[tag] = {step}
            if {full}:
                self.pass_on(tag)

        def pass_on(self, tag):
            values = {taken}
            self.logger.add_scalar(tag, {mean}, self.steps[tag])

        def flush(self):
            {rest}
            {flush}
"""


def _mean_logger(
    shared: str = "",
    memory: str = "self.waiting, self.steps = {}, {}",
    before: str = "",
    step: str = "step",
    full: str = "len(self.waiting[tag]) == self.size",
    taken: str = "self.waiting.pop(tag)",
    mean: str = "sum(values) / len(values)",
    rest: str = "for tag in list(self.waiting): self.pass_on(tag)",
    flush: str = "self.logger.flush()",
) -> str:
    """The logger with some parts in another way."""
    return _MEAN_LOGGER.format(**locals())


_ONE_FOR_ALL = """
    class MeanLogger:
        def __init__(self, logger, size):
            self.logger, self.size, self.values = logger, size, []

        def add_scalar(self, tag, value, step):
            self.values.append(value)
            self.last = tag, step
            if len(self.values) == self.size:
                self.pass_on()

        def pass_on(self):
            tag, step = self.last
            self.logger.add_scalar(tag, sum(self.values) / len(self.values), step)
            self.values = []

        def flush(self):
            if self.values:
                self.pass_on()
            self.logger.flush()
"""

MEAN_LOGGER = ModuleExercise(
    chapter="06",
    signature="MeanLogger(logger, size)",
    title="a logger that passes on means",
    prompt="""
        Write the class `MeanLogger(logger, size)`, a logger for `train.fit` that passes less
        on to another logger. The values of each tag wait by themselves. As soon as `size`
        values of a tag wait, it calls `logger.add_scalar` once, with the tag, the mean of
        these values and the step of the last of them; then it forgets them. `flush` does
        the same with what still waits (a tag of which nothing waits is passed over), and
        then calls `logger.flush()`.

        With `size` 2: the values 1, 3 and 5 of one tag, at the steps 0, 1 and 2, become the
        value 2 at step 1, and at `flush` the value 5 at step 2.
    """,
    skeleton='''
        class MeanLogger:
            """Passes the mean of each `size` values of a tag to another logger."""

            def __init__(self, logger, size):
                ...

            def add_scalar(self, tag, value, step):
                return ...

            def flush(self):
                ...
    ''',
    cases=lambda: [(Recorder(), 2), (Recorder(), 4), (Recorder(), 1)],
    look=_look_at_logger,
    then="it was right by hand, with two tags in turns; then it was used in a run of "
    "train.fit, and what reached the other logger is compared",
    model_answer="""
        class MeanLogger:
            def __init__(self, logger, size):
                self.logger, self.size = logger, size
                self.waiting = {}  # tag: the values, and the step of the last

            def add_scalar(self, tag, value, step):
                values, _ = self.waiting.get(tag, ([], step))
                self.waiting[tag] = ([*values, value], step)
                if len(values) + 1 == self.size:
                    self.pass_on(tag)

            def pass_on(self, tag):
                values, step = self.waiting.pop(tag)
                self.logger.add_scalar(tag, sum(values) / len(values), step)

            def flush(self):
                for tag in list(self.waiting):
                    self.pass_on(tag)
                self.logger.flush()
    """,
    why="Each tag waits by itself, and what has been passed on is forgotten. A mean of 50 losses "
    "is also the better curve: it trembles less, and is not late.",
    hints=(
        "Keep a dictionary, made in __init__: for each tag the values that wait, and the step "
        "of the last.",
        "When `size` values of a tag wait, pass on their mean and forget them.",
        "flush goes over all tags; the last group may be smaller, so divide by its length.",
    ),
    right=(
        _mean_logger(),
        """
        class MeanLogger:
            def __init__(self, logger, size):
                self.logger, self.size = logger, size
                self.sums, self.counts, self.steps = {}, {}, {}

            def add_scalar(self, tag, value, step):
                self.sums[tag] = self.sums.get(tag, 0.0) + float(value)
                self.counts[tag] = self.counts.get(tag, 0) + 1
                self.steps[tag] = step
                if self.counts[tag] >= self.size:
                    self._send(tag)

            def _send(self, tag):
                mean = self.sums.pop(tag) / self.counts.pop(tag)
                self.logger.add_scalar(tag, mean, self.steps.pop(tag))

            def flush(self):
                for tag in sorted(self.sums):
                    self._send(tag)
                self.logger.flush()
        """,
        """
        class MeanLogger:
            def __init__(self, logger, size):
                self.logger, self.size, self.groups = logger, size, {}

            def add_scalar(self, tag, value, step):
                group = self.groups.setdefault(tag, [])
                group.append((value, step))
                if len(group) == self.size:
                    self.empty(tag, group)

            def empty(self, tag, group):
                mean = torch.tensor([value for value, _ in group]).mean()
                self.logger.add_scalar(tag, mean.item(), group[-1][1])
                group.clear()

            def flush(self):
                for tag, group in reversed(self.groups.items()):
                    if group:
                        self.empty(tag, group)
                self.logger.flush()
        """,
    ),
    slips=(
        Slip(
            _mean_logger(rest="pass"),
            "what was left at flush is lost: pass it on first",
        ),
        Slip(
            _mean_logger(mean="sum(values) / self.size"),
            "the last group may be smaller: divide by how many there are",
        ),
        Slip(
            _mean_logger(mean="values[-1]"),
            "this is the last value of the group, not the mean",
        ),
        Slip(
            _mean_logger(mean="sum(values)"),
            "this is the sum; the mean is divided by the number of values",
        ),
        Slip(
            _mean_logger(flush="pass"),
            "the other logger was not flushed",
        ),
        Slip(
            _ONE_FOR_ALL,
            "values of different tags were put together: each tag waits by itself",
        ),
        Slip(
            _mean_logger(step="self.steps.get(tag, step)"),
            "asked was the step of the last value of the group, not of an earlier one",
        ),
        Slip(
            _mean_logger(
                memory="self.waiting, self.steps, self.first = {}, {}, {}",
                step="self.first.setdefault(tag, step)",
                taken="self.waiting.pop(tag); self.first.pop(tag)",
            ),
            "asked was the step of the last value of the group, not of an earlier one",
        ),
        Slip(
            _mean_logger(full="step % self.size == 0"),
            "this came too early: count the values that wait; the step says nothing of them",
        ),
        *(
            Slip(
                _mean_logger(
                    full=f"len(self.waiting[tag]) {full}", taken="self.waiting[tag]", rest=rest
                ),
                "values that were passed on still wait: forget them",
            )
            for full in ("== self.size", "% self.size == 0")
            for rest in ("for tag in list(self.waiting): self.pass_on(tag)", "pass")
        ),
        Slip(
            _mean_logger(
                rest="self.logger.flush()",
                flush="for tag in list(self.waiting): self.pass_on(tag)",
            ),
            "the other logger was flushed before it had everything: flush it last",
        ),
        Slip(
            _mean_logger(taken="self.waiting[tag]; self.waiting[tag] = []"),
            "a tag of which nothing waits has no mean: pass it over in flush",
        ),
        Slip(
            _mean_logger(
                before="if len(self.waiting.get(tag, [])) == self.size: self.pass_on(tag)",
                full="False",
            ),
            "the mean has to come with the value that completes the group, not later",
        ),
    ),
    wrong=(
        Wrong(
            """
            class MeanLogger:
                def __init__(self, logger, size):
                    self.logger = logger

                def add_scalar(self, tag, value, step):
                    self.logger.add_scalar(tag, value, step)

                def flush(self):
                    self.logger.flush()
            """,
            "the other logger was given add_scalar('a', 1.0, 10); expected: nothing",
        ),
        Wrong(
            _mean_logger(shared="waiting, steps = {}, {}", memory="pass"),
            "belongs to self, and is made in __init__",
        ),
        Wrong("return logger.calls", "add_scalar and flush"),
    ),
)

EXERCISES = (
    LAST_VALUES,
    PLOTTABLE,
    AS_HTML,
    THIN_PLACES,
    SMOOTHED,
    WORST_MISTAKES,
    MEAN_LOGGER,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="06", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "after_a_stop",
        "The server of this notebook is stopped and started again. Is the pane still there?",
        Choice("yes, the server saved it", "Only a server with a name keeps what it has."),
        Choice("no, it is gone", "A server without a name takes all with it.", right=True),
    ),
    _prediction(
        "two_environments",
        "One client writes A to the pane greeting in environment first, another writes B to the "
        "pane greeting in environment second. What does the pane in first say?",
        Choice("A", "Names of panes count within their environment.", right=True),
        Choice("B", "That would be so within one environment."),
        Choice("A, and B below it", "A second text replaces, unless you say append=True."),
    ),
    _prediction(
        "panes_without_win",
        "vis.text is called three times without win, then three times with win='loss' on an empty "
        "page. How many panes are there each time?",
        Choice("1 and 1", "Without a name visdom cannot know which pane you mean."),
        Choice("3 and 3", "A pane with this name is overwritten."),
        Choice("3 and 1", "A new pane each time; the same pane each time.", right=True),
    ),
    _prediction(
        "columns_are_lines",
        "vis.line gets a matrix of shape (50, 3). What does it draw?",
        Choice("50 curves of 3 points", "The first dimension counts the points."),
        Choice("3 curves of 50 points", "Each column is a curve.", right=True),
        Choice("one curve of 150 points", "It does not flatten its input."),
    ),
    _prediction(
        "append_new_name",
        "The pane has one curve, train. A point is appended with name='validation'. What happens?",
        Choice("an error: there is no such curve", "It is taken for the first point of a curve."),
        Choice("the point goes to train", "The name decides."),
        Choice("a second curve begins", "So the first call is like all others.", right=True),
    ),
    _prediction(
        "plain_number",
        "Which of 0.5, torch.tensor(0.5), [0.5], torch.tensor([0.5]), [torch.tensor(0.5)] does "
        "vis.line take?",
        Choice("all", "It looks for dimensions, which the first two have not."),
        Choice("the last three", "A list or a tensor with one dimension.", right=True),
        Choice("all but 0.5", "torch.tensor(0.5) has no dimension either."),
    ),
    _prediction(
        "labels_from_zero",
        "vis.scatter gets 178 points and their classes 0, 1 and 2. What happens?",
        Choice("three colours", "It would with the labels 1, 2 and 3."),
        Choice("class 0 is left out", "It says so instead of leaving something out."),
        Choice("an error", "Labels of visdom begin at 1.", right=True),
    ),
    _prediction(
        "images_in_a_row",
        "Ten images of 128 × 128 pixels, nrow=4. How many rows and columns has the picture?",
        Choice("528 rows, 396 columns", "nrow counts the images in a row, not the rows."),
        Choice("396 rows, 528 columns", "Three rows of four, 132 pixels each.", right=True),
        Choice("384 rows, 512 columns", "There are 2 pixels of white around each image."),
    ),
    _prediction(
        "tag_in_a_name",
        "A file is called <b>cat</b>.png, and vis.text shows its name. What do you see?",
        Choice("<b>cat</b>.png", "That is what escape is for."),
        Choice("cat.png, cat in bold letters", "The browser obeys what it gets.", right=True),
        Choice("nothing: the server refuses it", "The server looks at no text."),
    ),
    _prediction(
        "after_the_restart",
        "The curve had 3 points when it was saved and copied. A fourth was appended, and the "
        "server ended and started again. How many points are there in the curve and in the copy?",
        Choice("3 and 3", "The course's server saves when it ends."),
        Choice("4 and 3", "It saved as it ended; a copy stays as it is.", right=True),
        Choice("4 and 4", "The copy is an environment of its own."),
    ),
    _prediction(
        "thinned_spike",
        "10,000 points with one spike go to a board that keeps 500 points a curve. What arrives?",
        Choice("all 10,000", "A screen could not show them."),
        Choice("at most 500, the spike among them", "Extremes are kept.", right=True),
        Choice("the last 500, without the spike", "The whole run is shown, with fewer points."),
    ),
    _prediction(
        "server_goes_away",
        "A run has 300 steps; before step 100 the server is stopped, before step 200 started. What "
        "becomes of training, and of the points?",
        Choice("training stops with an error", "A board raises nothing while you train."),
        Choice("training goes on, 100 points are lost", "The board keeps what it shows."),
        Choice("training goes on, all points arrive", "They go to who comes back.", right=True),
    ),
    _prediction(
        "same_step_twice",
        "The log has steps 0 to 4. A second writer on the same folder writes a value for step 3. "
        "What does the log hold?",
        Choice("five values, the new one at step 3", "Nothing is overwritten in a log."),
        Choice("six values, two of them at step 3", "A log only grows.", right=True),
        Choice("one value: the folder was emptied", "The first file stays beside the second."),
    ),
    _prediction(
        "add_scalars_folders",
        "add_scalars writes the curves train and validation. How many folders have a log now?",
        Choice("one, as always", "A log has a single value for a tag and a step."),
        Choice("two, one for each curve", "The run's own log is there too."),
        Choice("three: the run, and one for each curve", "Each is a run.", right=True),
    ),
)
