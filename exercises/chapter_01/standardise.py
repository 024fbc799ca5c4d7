"""Exercise standardise: standardise the columns."""

from exercises._samples import floats
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

STANDARDISE = Exercise(
    chapter="01",
    signature="standardise(table)",
    title="standardise the columns",
    prompt="""
        Write `standardise(table)`: subtract from each column its mean and divide by its
        standard deviation (`.std(dim=0)`), so that every column has mean 0 and standard
        deviation 1. The given table must not change. No loop.
    """,
    shapes="table: (rows, columns), float32. Returns the same shape.",
    cases=lambda: [(floats(3, 3, seed=5),), (floats(5, 2, seed=6) * 100,)],
    large=lambda: (floats(40, 12),),
    model_answer="(table - table.mean(dim=0)) / table.std(dim=0)",
    why="Means and deviations have shape (columns,) and are stretched over the rows.",
    hints=(
        "One mean for each column: which dimension disappears?",
        "table.mean(dim=0) has shape (columns,), and broadcasting does the rest.",
        "(table - table.mean(dim=0)) / …",
    ),
    right=(
        """
        centred = table - table.mean(dim=0, keepdim=True)
        return centred / centred.std(dim=0)
        """,
        """
        deviation, mean = torch.std_mean(table, dim=0)
        return table.sub(mean).div(deviation)
        """,
    ),
    mistakes=(
        KnownMistake(
            "(table - table.mean()) / table.std()",
            "one mean for the whole table; each column needs its own: dim=0",
        ),
        KnownMistake(
            "(table - table.mean(dim=1, keepdim=True)) / table.std(dim=1, keepdim=True)",
            "this standardises the rows; dim=0 runs down the columns",
        ),
        KnownMistake(
            "table - table.mean(dim=0) / table.std(dim=0)",
            "division comes before subtraction; put the difference in brackets",
        ),
        KnownMistake("table - table.mean(dim=0)", "the division by the deviation is missing"),
        KnownMistake(
            "(table - table.mean(dim=0)) / table.std(dim=0, correction=0)",
            "correction=0 divides by n instead of n - 1; use .std(dim=0)",
        ),
        KnownMistake(
            "(table - table.mean(dim=0)) / table.var(dim=0)",
            "var is the square of the standard deviation",
        ),
    ),
    rejected=(
        RejectedAnswer(
            "table -= table.mean(dim=0)\ntable /= table.std(dim=0)\nreturn table",
            "changed its input",
        ),
        RejectedAnswer(
            """
            columns = [(column - column.mean()) / column.std() for column in table.t()]
            return torch.stack(columns, dim=1)
            """,
            "in a loop",
        ),
    ),
)
