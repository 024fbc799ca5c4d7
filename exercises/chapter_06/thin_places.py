"""Exercise thin_places: fewer points, and every spike."""

import torch

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


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
    mistakes=(
        KnownMistake(
            _thin("rows.argmin(dim=1), rows.argmax(dim=1)"),
            "these places are counted within each piece; add where the piece starts",
        ),
        KnownMistake(_thin(_HIGHEST), "the lowest values are missing"),
        KnownMistake(_thin(_LOWEST), "the highest values are missing"),
        KnownMistake(_thin(result="places"), "the places are not ascending, or one comes twice"),
        KnownMistake(
            _thin(result="places.sort().values"),
            "a piece of one value is lowest and highest: its place comes once",
        ),
        KnownMistake(
            _thin(result="places.reshape(2, -1).T.flatten()"),
            "the lowest need not come before the highest of its piece: sort the places",
        ),
        KnownMistake(
            _thin(result="values[places.unique()]"), "these are the values, not their places"
        ),
        KnownMistake(
            "return torch.arange(0, len(values), len(values) // pieces)",
            "every so-manyth point loses the spikes between",
        ),
        *(
            KnownMistake(
                _thin()
                .replace("values.reshape(pieces, -1)", "values.reshape(-1, pieces)")
                .replace("arange(pieces)", starts),
                "reshape(-1, pieces) makes pieces of the length `pieces`; one row a piece is "
                "reshape(pieces, -1)",
            )
            for starts in ("arange(pieces)", "arange(rows.shape[0])")
        ),
        KnownMistake(
            _thin().replace("* rows.shape[1]", "* pieces"),
            "a piece starts where those before it end: its number times the length of a piece",
        ),
        *(
            KnownMistake(
                _thin("rows.amin(dim=1), rows.amax(dim=1)", result),
                "amin and amax give the values; argmin and argmax say where they stand",
            )
            for result in ("places", "places.unique()", "places.reshape(2, -1).T.flatten()")
        ),
    ),
    rejected=(
        RejectedAnswer(_thin(result="places.unique().tolist()"), "tensor"),
        RejectedAnswer(
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
