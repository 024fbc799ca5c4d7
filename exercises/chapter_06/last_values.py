"""Exercise last_values: where do the curves stand?."""

import json

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


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
    mistakes=(
        KnownMistake(
            'return window["content"]["data"]',
            "window is a text: json.loads makes lists and dictionaries of it",
        ),
        KnownMistake(
            _LAST.replace(
                '        heights = [height for height in trace["y"] if height is not None]\n'
                "        if heights:\n"
                '            found[trace["name"]] = heights[-1]\n',
                '        found[trace["name"]] = trace["y"][-1]\n',
            ),
            "the last height may be None, a gap: look further back",
        ),
        KnownMistake(
            _LAST.replace("heights[-1]", "max(heights)"),
            "this is the highest, not the last",
        ),
        KnownMistake(
            _LAST.replace('trace["y"] if', 'trace["x"] if'),
            "x holds the steps; the heights are in y",
        ),
        KnownMistake(
            _LAST.replace("if height is not None", "if height"),
            "0.0 counts as False; ask `is not None`",
        ),
        KnownMistake(
            _LAST.replace("heights[-1]", "heights[0]"),
            "this is the first height; the last is at place -1",
        ),
        KnownMistake(
            _LAST.replace("heights[-1]", "heights[-1] if heights else None").replace(
                "        if heights:\n            found", "        found"
            ),
            "a trace that has no height is left out, not kept with None",
        ),
        KnownMistake(
            """
            import json

            found = {}
            for trace in json.loads(window)["content"]["data"]:
                if trace["y"][-1] is not None:
                    found[trace["name"]] = trace["y"][-1]
            return found
            """,
            "a curve that ends in a gap has a last height too: look further back",
        ),
        KnownMistake(
            _LAST.replace("        if heights:\n            found", "        found"),
            "of an empty list there is no last element: leave such a trace out",
        ),
    ),
    rejected=(RejectedAnswer(_LAST.replace("found = {}", "return {}"), "0 elements instead of 2"),),
)
