"""Exercise jacobian_table: the whole table of slopes."""

import torch

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def _outputs(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of shape (rows,) and the inputs (columns,) that they were made of."""
    inputs = numbers(columns, seed=seed, gradient=True)
    return numbers(rows, columns, seed=seed + 1) @ inputs**2, inputs


JACOBIAN_TABLE = Exercise(
    chapter="02",
    signature="jacobian_table(outputs, inputs)",
    title="the whole table of slopes",
    prompt="""
        `outputs` was made of `inputs`, which require a gradient. Write
        `jacobian_table(outputs, inputs)`, the Jacobian: row number `i` holds the slopes of
        `outputs[i]` with respect to all inputs. One walk back gives one row.
    """,
    shapes="outputs: (m,). inputs: (n,), a leaf. Returns (m, n), without a graph.",
    cases=lambda: [_outputs(2, 3, 1), _outputs(3, 2, 5)],
    model_answer="""
        rows = []
        for output in outputs:
            (row,) = torch.autograd.grad(output, inputs, retain_graph=True)
            rows.append(row)
        return torch.stack(rows)
    """,
    why="Each output is a single number; retain_graph=True keeps the graph for the next row.",
    hints=(
        "A walk back wants a single number to start from: one output at a time.",
        "All outputs share one graph. What must stay for the next walk?",
        "torch.autograd.grad(output, inputs, retain_graph=True) is a tuple with one row.",
        "Collect the rows in a list; torch.stack(rows) makes a table of them.",
    ),
    right=(
        """
        rows = []
        for output in outputs:
            inputs.grad = None
            output.backward(retain_graph=True)
            rows.append(inputs.grad)
        return torch.stack(rows)
        """,
        """
        ones = torch.eye(len(outputs), dtype=outputs.dtype)
        return torch.autograd.grad(outputs, inputs, ones, is_grads_batched=True)[0]
        """,
    ),
    mistakes=(
        KnownMistake(
            """
            rows = [torch.autograd.grad(output, inputs)[0] for output in outputs]
            return torch.stack(rows)
            """,
            "the first walk frees the graph that the second needs: retain_graph=True",
        ),
        KnownMistake(
            """
            rows = []
            for output in outputs:
                output.backward(retain_graph=True)
                rows.append(inputs.grad)
            return torch.stack(rows)
            """,
            "all rows are one tensor, inputs.grad, in which the slopes add up; empty it "
            "before each walk with inputs.grad = None, or use torch.autograd.grad",
        ),
        KnownMistake(
            """
            rows = []
            for output in outputs:
                output.backward(retain_graph=True)
                rows.append(inputs.grad.clone())
            return torch.stack(rows)
            """,
            "inputs.grad was not emptied: each row also holds all earlier ones",
        ),
        KnownMistake(
            """
            rows = []
            for output in outputs:
                rows.append(torch.autograd.grad(output, inputs, retain_graph=True)[0])
            return torch.stack(rows, dim=1)
            """,
            "this is the table lying on its side: one row for each output, so dim=0",
        ),
        KnownMistake(
            """
            rows = []
            for output in outputs:
                rows.append(torch.autograd.grad(output, inputs, retain_graph=True))
            return torch.stack(rows)
            """,
            "torch.autograd.grad returns a tuple; take its element with [0]",
        ),
        KnownMistake(
            "torch.autograd.grad(outputs, inputs)[0]",
            "outputs is a vector: walk back from one element at a time",
        ),
        KnownMistake(
            "torch.autograd.grad(outputs.sum(), inputs)[0]",
            "these are the slopes of the sum of all outputs; each output has a row",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            rows = []
            for output in outputs:
                rows.append(torch.autograd.grad(output, inputs, create_graph=True)[0])
            return torch.stack(rows)
            """,
            "still carries the gradient",
        ),
    ),
)
