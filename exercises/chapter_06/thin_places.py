import torch

from helpers.grading.exercise import Exercise, edit


def _curve(length: int, seed: int) -> torch.Tensor:
    """Different heights in random order, float32 (length,)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(length, generator=generator).float() / 4


exercise = Exercise(
    "thin_places(values, pieces)",
    title="fewer points, and every spike",
    prompt="""
        Write `thin_places(values, pieces)`, without a loop: the curve is cut into `pieces`
        pieces of equal length (it can be). Return the places, counted in the whole curve,
        of the lowest and of the highest value of each piece: ascending, and each place
        once. No two values are equal. `values[thin_places(values, pieces)]` is then the
        thinned curve, in a simpler form than the board's.
    """,
    shapes="values: float32 (n,). pieces: int. Returns int64, at most 2 * pieces places.",
    cases=[
        lambda: (_curve(12, 1), 3),
        lambda: (_curve(20, 1), 2),
        lambda: (_curve(6, 2), 6),
        lambda: (_curve(5, 4), 1),
        lambda: (_curve(1, 1), 1),
    ],
    large=lambda: (_curve(1_200, 3), 300),
    hints=(
        "values.reshape(pieces, -1) has a row for each piece; no loop is needed.",
        "argmin(dim=1) gives places within the rows. Where does each row start in the curve?",
        "torch.cat both, add the starts, and .unique() sorts and drops what comes twice.",
    ),
)


@exercise.answer(
    why="With one row a piece, argmin and argmax find all at once; the start of a piece turns a "
    "place within it into a place in the curve."
)
def thin_places(values, pieces):
    rows = values.reshape(pieces, -1)
    starts = torch.arange(pieces) * rows.shape[1]
    places = torch.cat([rows.argmin(dim=1) + starts, rows.argmax(dim=1) + starts])
    return places.unique()


@exercise.right
def _(values, pieces):
    rows = values.view(pieces, len(values) // pieces)
    inside = torch.stack([rows.min(dim=1).indices, rows.max(dim=1).indices], dim=1)
    places = inside + torch.arange(0, len(values), rows.shape[1])[:, None]
    return torch.unique(places.flatten())


@exercise.right
def _(values, pieces):
    numbered = torch.arange(len(values)).reshape(pieces, -1)
    order = values.reshape(pieces, -1).argsort(dim=1)
    ends = numbered.gather(1, order[:, [0, -1]])
    return ends.flatten().sort().values.unique_consecutive()


exercise.mistake(
    "these places are counted within each piece; add where the piece starts",
    edit(" + starts", "", count=2),
)
exercise.mistake(
    "the lowest values are missing",
    edit("rows.argmin(dim=1) + starts, ", ""),
)
exercise.mistake(
    "the highest values are missing",
    edit(", rows.argmax(dim=1) + starts", ""),
)
exercise.mistake("the places are not ascending, or one comes twice", edit(".unique()", ""))
exercise.mistake(
    "a piece of one value is lowest and highest: its place comes once",
    edit("unique()", "sort().values"),
)
exercise.mistake(
    "the lowest need not come before the highest of its piece: sort the places",
    edit("unique()", "reshape(2, -1).T.flatten()"),
)
exercise.mistake(
    "these are the values, not their places",
    edit("places.unique()", "values[places.unique()]"),
)
exercise.mistake(
    "every so-manyth point loses the spikes between",
    lambda values, pieces: torch.arange(0, len(values), len(values) // pieces),
)
exercise.mistake(
    "reshape(-1, pieces) makes pieces of the length `pieces`; one row a piece is "
    "reshape(pieces, -1)",
    edit("pieces, -1", "-1, pieces"),
)
exercise.mistake(
    "reshape(-1, pieces) makes pieces of the length `pieces`; one row a piece is "
    "reshape(pieces, -1)",
    edit("pieces, -1", "-1, pieces").edit("(pieces)", "(rows.shape[0])"),
)
exercise.mistake(
    "a piece starts where those before it end: its number times the length of a piece",
    edit("rows.shape[1]", "pieces"),
)
exercise.mistake(
    "amin and amax give the values; argmin and argmax say where they stand",
    edit("argmin(dim=1) + starts", "amin(dim=1)")
    .edit("argmax(dim=1) + starts", "amax(dim=1)")
    .edit(".unique()", ""),
)
exercise.mistake(
    "amin and amax give the values; argmin and argmax say where they stand",
    edit("argmin(dim=1) + starts", "amin(dim=1)").edit("argmax(dim=1) + starts", "amax(dim=1)"),
)
exercise.mistake(
    "amin and amax give the values; argmin and argmax say where they stand",
    edit("argmin(dim=1) + starts", "amin(dim=1)")
    .edit("argmax(dim=1) + starts", "amax(dim=1)")
    .edit("unique()", "reshape(2, -1).T.flatten()"),
)

exercise.rejected("tensor", edit("unique()", "unique().tolist()"))


@exercise.rejected("right values, but in a loop")
def _(values, pieces):
    size = len(values) // pieces
    places = set()
    for start in range(0, len(values), size):
        piece = values[start : start + size]
        places |= {start + int(piece.argmin()), start + int(piece.argmax())}
    return torch.tensor(sorted(places))
