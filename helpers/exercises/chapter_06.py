"""Exercises and predictions of chapter 06, visdom and TensorBoard."""

import json
from functools import cache
from typing import Any

import torch
from torch import nn

from helpers import data, train
from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.modules import ModuleExercise, Unfit
from helpers.exercises.prediction import Choice, Prediction


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
    ),
    wrong=(
        Wrong('return window["content"]["data"]', "TypeError"),
        Wrong(_LAST.replace("found = {}", "return {}"), "0 elements instead of 2"),
    ),
)


def _plottable_cases() -> list[tuple]:
    """Each kind of value that a training loop may have at hand."""
    return [
        (0.5,),
        (torch.tensor(0.25),),
        (torch.tensor([1.0, 2.0, 4.0], requires_grad=True),),
        (torch.tensor([0.5, 1.5], dtype=torch.bfloat16),),
        (3,),
        (torch.tensor([5, 6]),),
    ]


PLOTTABLE = Exercise(
    chapter="06",
    signature="plottable(value)",
    title="a value that vis.line takes",
    prompt="""
        Write `plottable(value)`: make of a Python number, of a tensor without dimensions,
        or of one with one dimension what `vis.line` takes in any case: a `float32` tensor
        with one dimension, on the CPU, without a gradient. The tensor may be of any dtype,
        may lie on a GPU, and may require a gradient.
    """,
    shapes="value: a number, or a tensor with 0 or 1 dimensions. Returns float32 (n,).",
    cases=_plottable_cases,
    canonical=lambda result, *_: (result, result.requires_grad),
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
    ),
    wrong=(
        Wrong("return [value.item()]", "AttributeError"),
        Wrong("return torch.tensor([float(value)])", "converted"),
    ),
)


def _as_written(result: Any, *_: Any) -> Any:
    """HTML with the quotes, which need not be escaped in a text, written plainly."""
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
        Write `thin_places(values, pieces)`: the curve is cut into `pieces` pieces of equal
        length (it can be). Return the places, counted in the whole curve, of the lowest
        and of the highest value of each piece: ascending, and each place once. No two
        values are equal. `values[thin_places(values, pieces)]` is then the thinned curve.
    """,
    shapes="values: float32 (n,). pieces: int. Returns int64, at most 2 * pieces places.",
    cases=lambda: [(_curve(12, 0), 3), (_curve(20, 1), 2), (_curve(6, 2), 6)],
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
        Slip(_thin(result="values[places.unique()]"), "these are the values, not their places"),
        Slip(
            "return torch.arange(0, len(values), len(values) // pieces)",
            "every so-manyth point loses the spikes between",
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
            "loop",
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
    ),
    wrong=(
        Wrong(_smooth(said="s / (1 - weight ** (count - 1))"), "ZeroDivisionError"),
        Wrong("return sum(values) / max(len(values), 1)", "list"),
    ),
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
        self.calls.append((tag, float(value), step))

    def flush(self) -> None:
        """Note that it was flushed."""
        self.calls.append("flush")


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


def _look_at_logger(result: Any, logger: Recorder, every: int) -> Any:
    """What reaches the inner logger: of two tags in turns, and of a run on real digits."""
    for name in ("add_scalar", "flush"):
        if not hasattr(result, name):
            raise Unfit(f"{type(result).__name__} came back; it needs add_scalar and flush")
    for step, value in enumerate([1.0, 3.0, 5.0, 9.0, 20.0]):
        if result.add_scalar("a", value, step) is ...:
            return ...
        if step < 3:
            result.add_scalar("b", 10 * value, step)
    result.flush()
    result.flush()
    by_hand, logger.calls[:] = _in_order(logger.calls), []
    _run(result)
    return by_hand, _in_order(logger.calls)


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
    return ordered + waiting


_MEAN_LOGGER = """
    class MeanLogger:
        def __init__(self, logger, every):
            self.logger, self.every = logger, every
            self.waiting = {{}}

        def add_scalar(self, tag, value, step):
            values = self.waiting.setdefault({key}, [])
            values.append(value)
            {step_note}
            if len(values) == self.every:
                self.pass_on(tag, step)

        def pass_on(self, tag, step):
            values = self.waiting.pop({key})
            self.logger.add_scalar(tag, {mean}, step)

        def flush(self):
            {rest}
            {flush}
"""


def _mean_logger(
    key: str = "tag",
    mean: str = "sum(values) / len(values)",
    rest: str = "for tag in list(self.waiting): self.pass_on(tag, self.last[tag])",
    flush: str = "self.logger.flush()",
) -> str:
    """The logger with one part in another way."""
    note = "self.last = getattr(self, 'last', {}) | {tag: step}"
    return _MEAN_LOGGER.format(key=key, mean=mean, rest=rest, flush=flush, step_note=note)


MEAN_LOGGER = ModuleExercise(
    chapter="06",
    signature="MeanLogger(logger, every)",
    title="a logger that passes on means",
    prompt="""
        Write the class `MeanLogger(logger, every)`, a logger for `train.fit` that passes
        less on to another logger. For each tag by itself: of every `every` values it gives
        `logger.add_scalar` one, their mean, with the step of the last of them. `flush`
        passes on in the same way what is left of each tag (nothing for a tag that has
        nothing left), and then calls `logger.flush()`.
    """,
    skeleton='''
        class MeanLogger:
            """Of every so many values of a tag, their mean goes to another logger."""

            def __init__(self, logger, every):
                ...

            def add_scalar(self, tag, value, step):
                return ...

            def flush(self):
                ...
    ''',
    cases=lambda: [(Recorder(), 2), (Recorder(), 4), (Recorder(), 1)],
    look=_look_at_logger,
    then="it was given two tags in turns, flushed twice, and used in a run of train.fit; "
    "what reached the inner logger is compared",
    model_answer="""
        class MeanLogger:
            def __init__(self, logger, every):
                self.logger, self.every = logger, every
                self.waiting = {}  # tag: the values, and the step of the last

            def add_scalar(self, tag, value, step):
                values, _ = self.waiting.get(tag, ([], step))
                self.waiting[tag] = ([*values, value], step)
                if len(values) + 1 == self.every:
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
        "Keep a dictionary: for each tag the values that wait, and the step of the last.",
        "When a tag has `every` values, pass on their mean and forget them.",
        "flush goes over all tags; the last group may be smaller, so divide by its length.",
    ),
    right=(
        _mean_logger(),
        """
        class MeanLogger:
            def __init__(self, logger, every):
                self.logger, self.every = logger, every
                self.sums, self.counts, self.steps = {}, {}, {}

            def add_scalar(self, tag, value, step):
                self.sums[tag] = self.sums.get(tag, 0.0) + float(value)
                self.counts[tag] = self.counts.get(tag, 0) + 1
                self.steps[tag] = step
                if self.counts[tag] >= self.every:
                    self._send(tag)

            def _send(self, tag):
                mean = self.sums.pop(tag) / self.counts.pop(tag)
                self.logger.add_scalar(tag, mean, self.steps.pop(tag))

            def flush(self):
                for tag in sorted(self.sums):
                    self._send(tag)
                self.logger.flush()
        """,
    ),
    slips=(
        Slip(
            _mean_logger(rest="pass"),
            "what was left at flush is lost: pass it on first",
        ),
        Slip(
            _mean_logger(mean="sum(values) / self.every"),
            "the last group may be smaller: divide by how many there are",
        ),
        Slip(
            _mean_logger(mean="values[-1]"),
            "this is the last value of the group, not the mean",
        ),
        Slip(
            _mean_logger(flush="pass"),
            "the other logger was not flushed",
        ),
        Slip(
            """
            class MeanLogger:
                def __init__(self, logger, every):
                    self.logger, self.every, self.values = logger, every, []

                def add_scalar(self, tag, value, step):
                    self.values.append(value)
                    self.last = tag, step
                    if len(self.values) == self.every:
                        self.pass_on()

                def pass_on(self):
                    tag, step = self.last
                    self.logger.add_scalar(tag, sum(self.values) / len(self.values), step)
                    self.values = []

                def flush(self):
                    if self.values:
                        self.pass_on()
                    self.logger.flush()
            """,
            "values of different tags were put together: each tag waits by itself",
        ),
    ),
    wrong=(
        Wrong(
            """
            class MeanLogger:
                def __init__(self, logger, every):
                    self.logger = logger

                def add_scalar(self, tag, value, step):
                    self.logger.add_scalar(tag, value, step)

                def flush(self):
                    self.logger.flush()
            """,
            "Expected",
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
        Choice("only the tensors", "Of the tensors, one has no dimension; and lists are fine."),
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
        "Ten images of 8 × 8 pixels, nrow=4. How many rows and columns of pixels has the picture?",
        Choice("48 rows, 36 columns", "nrow counts the images in a row, not the rows."),
        Choice("36 rows, 48 columns", "Three rows of four, 12 pixels each.", right=True),
        Choice("24 rows, 32 columns", "There are 2 pixels of white around each image."),
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
        "During a run of 300 steps the server is stopped for 100 steps, then started again. What "
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
