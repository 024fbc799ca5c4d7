import json

from helpers.grading.exercise import Exercise, edit


def _window(**curves: list[float | None]) -> str:
    """A pane of lines as `get_window_data` gives it: curves by name, heights from step 10."""
    traces = [
        {"x": list(range(10, 10 + len(heights))), "y": heights, "name": name, "type": "scatter"}
        for name, heights in curves.items()
    ]
    return json.dumps({"command": "window", "type": "plot", "content": {"data": traces}})


exercise = Exercise(
    "last_values(window)",
    title="where do the curves stand?",
    prompt="""
        Write `last_values(window)`: `window` is the text that `get_window_data` gives for
        a pane of lines. Return a dictionary: for the name of each trace its last height
        (`y`) that is not `None`. A trace that has none is left out.
    """,
    shapes="window: str, in JSON. Returns a dict of str to float.",
    cases=[
        lambda: (_window(train=[2.0, 3.0, 2.5], validation=[4.0, 0.5, None]),),
        lambda: (_window(loss=[1.5, None, None], rate=[None, None]),),
        lambda: (_window(train=[3.0, 1.0, 0.0]),),
    ],
    canonical=lambda result, *_: dict(sorted(result.items())),
    hints=(
        'json.loads(window)["content"]["data"] is the list of traces.',
        'Of each trace["y"], keep what is not None; the last of it is wanted.',
        "Beware of `if height`: a height of 0.0 counts as False, and is no gap.",
    ),
)


@exercise.answer(
    why="What the server has is text; json.loads makes lists and dictionaries of it. None is a "
    "gap, where the value was nan."
)
def last_values(window):
    import json

    found = {}
    for trace in json.loads(window)["content"]["data"]:
        heights = [height for height in trace["y"] if height is not None]
        if heights:
            found[trace["name"]] = heights[-1]
    return found


@exercise.right
def _(window):
    import json

    traces = json.loads(window)["content"]["data"]
    return {
        trace["name"]: next(y for y in reversed(trace["y"]) if y is not None)
        for trace in traces
        if any(y is not None for y in trace["y"])
    }


@exercise.right
def _(window):
    import json

    last = {}
    for trace in json.loads(window)["content"]["data"]:
        for height in trace["y"]:
            if height is not None:
                last[trace["name"]] = height
    return last


@exercise.right
def _(window):
    import json

    last = {}
    for trace in reversed(json.loads(window)["content"]["data"]):
        heights = trace["y"]
        while heights and heights[-1] is None:
            heights.pop()
        if heights:
            last[trace["name"]] = heights[-1]
    return last


exercise.mistake(
    "window is a text: json.loads makes lists and dictionaries of it",
    lambda window: window["content"]["data"],
)


@exercise.mistake("the last height may be None, a gap: look further back")
def _(window):
    import json

    found = {}
    for trace in json.loads(window)["content"]["data"]:
        found[trace["name"]] = trace["y"][-1]
    return found


exercise.mistake("this is the highest, not the last", edit("heights[-1]", "max(heights)"))
exercise.mistake("x holds the steps; the heights are in y", edit('["y"]', '["x"]'))
exercise.mistake("0.0 counts as False; ask `is not None`", edit("height is not None", "height"))
exercise.mistake("this is the first height; the last is at place -1", edit("[-1]", "[0]"))
exercise.mistake(
    "a trace that has no height is left out, not kept with None",
    edit(
        'if heights:\n    found[trace["name"]] = heights[-1]',
        'found[trace["name"]] = heights[-1] if heights else None',
    ),
)


@exercise.mistake("a curve that ends in a gap has a last height too: look further back")
def _(window):
    import json

    found = {}
    for trace in json.loads(window)["content"]["data"]:
        if trace["y"][-1] is not None:
            found[trace["name"]] = trace["y"][-1]
    return found


exercise.mistake(
    "of an empty list there is no last element: leave such a trace out",
    edit(
        'if heights:\n    found[trace["name"]] = heights[-1]', 'found[trace["name"]] = heights[-1]'
    ),
)

exercise.rejected("0 elements instead of 2", edit("found = {}", "return {}"))
