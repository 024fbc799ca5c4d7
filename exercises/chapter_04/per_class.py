import torch

from exercises._canonical import as_tuple
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "per_class(table)",
    title="precision and recall by class",
    prompt="""
        `table` is a confusion matrix: a row for each true class, a column for each predicted
        one, counts in it. Write `per_class(table)`: two tensors, precision and recall, with
        a number for each class. **Precision**: of all samples that were called this class,
        the share that is of it. **Recall**: of all samples of this class, the share that was
        called so. Where there is nothing to divide by, the answer is 0.
    """,
    shapes="table: (classes, classes), int64. Returns two tensors (classes,), float32.",
    cases=[
        lambda: (torch.tensor([[8, 2, 0], [1, 9, 0], [4, 1, 5]]),),
        lambda: (torch.tensor([[3, 0, 0], [2, 0, 1], [0, 0, 0]]),),
        lambda: (torch.tensor([[3]]),),
        lambda: (torch.tensor([[1, 0], [0, 4]]),),
    ],
    canonical=as_tuple,
    hints=(
        "The hits are on the diagonal: table.diagonal().",
        "How many were called class 0? That is a sum over one column; over which dim?",
        "Divide by the sums with .clamp(min=1): where a sum is 0, the hits are 0 as well.",
    ),
)


@exercise.answer(
    why="Columns are what was said, rows what is true; clamp(min=1) turns 0 / 0 into 0 / 1."
)
def per_class(table):
    hits = table.diagonal()
    precision = hits / table.sum(dim=0).clamp(min=1)
    recall = hits / table.sum(dim=1).clamp(min=1)
    return precision, recall


@exercise.right
def _(table):
    hits = torch.diag(table).float()
    precision = torch.nan_to_num(hits / table.sum(0), nan=0.0)
    return precision, torch.nan_to_num(hits / table.sum(1), nan=0.0)


@exercise.right
def _(table):
    classes = range(len(table))
    called, there = table.sum(dim=0).tolist(), table.sum(dim=1).tolist()
    hits = [table[i, i].item() for i in classes]
    precision = [hits[i] / called[i] if called[i] else 0.0 for i in classes]
    recall = [hits[i] / there[i] if there[i] else 0.0 for i in classes]
    return [torch.tensor(precision), torch.tensor(recall)]


exercise.mistake(
    "clamp(min=2) changes a sum of 1 too; only a sum of 0 must not be divided by",
    edit("min=1", "min=2", count=2),
)
exercise.mistake(
    "precision and recall are exchanged: sum(dim=0) adds up a column, what was said",
    edit("precision, recall", "recall, precision"),
)
exercise.mistake(
    "where a class never occurs this is 0 / 0, nan; 0 was asked for",
    edit(".clamp(min=1)", "", count=2),
)
exercise.mistake(
    "this divides by all samples; divide by those of one column or one row",
    edit("sum(dim=0)", "sum()").edit("sum(dim=1)", "sum()"),
)
exercise.mistake(
    "these are shares of all samples; precision and recall are about the diagonal",
    lambda table: (table.sum(dim=0) / table.sum(), table.sum(dim=1) / table.sum()),
)


@exercise.mistake("where there is nothing to divide by this gives 1; 0 was asked for")
def _(table):
    return tuple(torch.nan_to_num(table.diagonal() / table.sum(dim), nan=1.0) for dim in (0, 1))


@exercise.mistake("these are the shares of the misses; the hits are on the diagonal")
def _(table):
    missed, called = table.sum(1) - table.diagonal(), table.sum(0) - table.diagonal()
    return called / table.sum(0).clamp(min=1), missed / table.sum(1).clamp(min=1)
