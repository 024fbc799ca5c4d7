import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit


def _outputs(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of shape (rows,) and the inputs (columns,) that they were made of."""
    inputs = numbers(columns, seed=seed, gradient=True)
    return numbers(rows, columns, seed=seed + 1) @ inputs**2, inputs


exercise = Exercise(
    "jacobian_table(outputs, inputs)",
    title="the whole table of slopes",
    prompt="""
        `outputs` was made of `inputs`, which require a gradient. Write
        `jacobian_table(outputs, inputs)`, the Jacobian: row number `i` holds the slopes of
        `outputs[i]` with respect to all inputs. One walk back gives one row.
    """,
    shapes="outputs: (m,). inputs: (n,), a leaf. Returns (m, n), without a graph.",
    cases=[
        lambda: _outputs(2, 3, 1),
        lambda: _outputs(3, 2, 5),
        lambda: _outputs(1, 3, 7),
        lambda: _outputs(2, 1, 9),
    ],
    hints=(
        "A walk back wants a single number to start from: one output at a time.",
        "All outputs share one graph. What must stay for the next walk?",
        "torch.autograd.grad(output, inputs, retain_graph=True) is a tuple with one row.",
        "Collect the rows in a list; torch.stack(rows) makes a table of them.",
    ),
)


@exercise.answer(
    why="Each output is a single number; retain_graph=True keeps the graph for the next row."
)
def jacobian_table(outputs, inputs):
    rows = []
    for output in outputs:
        (row,) = torch.autograd.grad(output, inputs, retain_graph=True)
        rows.append(row)
    return torch.stack(rows)


@exercise.right
def _(outputs, inputs):
    rows = []
    for output in outputs:
        inputs.grad = None
        output.backward(retain_graph=True)
        rows.append(inputs.grad)
    return torch.stack(rows)


@exercise.right
def _(outputs, inputs):
    ones = torch.eye(len(outputs), dtype=outputs.dtype)
    return torch.autograd.grad(outputs, inputs, ones, is_grads_batched=True)[0]


exercise.mistake(
    "the first walk frees the graph that the second needs: retain_graph=True",
    edit(", retain_graph=True", ""),
)
exercise.mistake(
    "all rows are one tensor, inputs.grad, in which the slopes add up; empty it before each "
    "walk with inputs.grad = None, or use torch.autograd.grad",
    edit(
        "(row,) = torch.autograd.grad(output, inputs, retain_graph=True)",
        "output.backward(retain_graph=True)",
    ).edit("(row)", "(inputs.grad)"),
)
exercise.mistake(
    "inputs.grad was not emptied: each row also holds all earlier ones",
    edit(
        "(row,) = torch.autograd.grad(output, inputs, retain_graph=True)",
        "output.backward(retain_graph=True)",
    ).edit("(row)", "(inputs.grad.clone())"),
)
exercise.mistake(
    "this is the table lying on its side: one row for each output, so dim=0",
    edit("stack(rows)", "stack(rows, dim=1)"),
)
exercise.mistake(
    "torch.autograd.grad returns a tuple; take its element with [0]",
    edit("(row,) =", "row ="),
)
exercise.mistake(
    "outputs is a vector: walk back from one element at a time",
    lambda outputs, inputs: torch.autograd.grad(outputs, inputs)[0],
)
exercise.mistake(
    "these are the slopes of the sum of all outputs; each output has a row",
    lambda outputs, inputs: torch.autograd.grad(outputs.sum(), inputs)[0],
)

exercise.rejected("still carries the gradient", edit("retain_graph", "create_graph"))
