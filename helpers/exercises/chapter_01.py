"""Exercises and predictions of chapter 01, tensors."""

import torch

from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.prediction import Choice, Prediction


def _integers(*shape: int, low: int = 0, high: int = 10, seed: int = 0) -> torch.Tensor:
    """Random int64 numbers from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, shape, generator=generator)


def _floats(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random float32 numbers with one decimal, from -3 to 3."""
    return _integers(*shape, low=-30, high=31, seed=seed) / 10


def _counted(*shape: int) -> torch.Tensor:
    """0, 1, 2, … as int64 in the given shape."""
    return torch.arange(torch.Size(shape).numel()).reshape(shape)


def _waves(samples: int, strong: int, weak: int) -> torch.Tensor:
    """A strong sine and a weak cosine around 3, float32 (samples,)."""
    angle = torch.arange(samples) * 2 * torch.pi / samples
    return torch.sin(strong * angle) + 0.4 * torch.cos(weak * angle) + 3


GRID = Exercise(
    chapter="01",
    signature="grid",
    title="count up in a grid",
    prompt="""
        Make `grid`: 3 rows, 4 columns, dtype `float32`, holding 0, 1, 2, … 11 row by row.
    """,
    model_answer="torch.arange(12, dtype=torch.float32).reshape(3, 4)",
    why="arange counts, reshape arranges the numbers row by row, dtype sets their kind.",
    hints=(
        "One function counts, and reshape arranges what was counted.",
        "torch.arange(12) gives 0 to 11 as int64; it takes dtype=.",
        "torch.arange(12, dtype=torch.float32).reshape(…)",
    ),
    right=(
        "torch.arange(12.).view(3, 4)",
        "torch.linspace(0, 11, 12).reshape(3, 4)",
        "torch.tensor([[0., 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])",
    ),
    slips=(
        Slip(
            "torch.arange(1., 13.).reshape(3, 4)",
            "the count starts at 1; torch.arange(12.) starts at 0",
        ),
        Slip(
            "torch.arange(12.).reshape(4, 3)",
            "4 rows and 3 columns; the number of rows comes first in a shape",
        ),
        Slip(
            "torch.arange(12.).reshape(4, 3).t()",
            "the numbers run down the columns; reshape(3, 4) fills row by row",
        ),
    ),
    wrong=(
        Wrong("torch.arange(12).reshape(3, 4)", "dtype int64 instead of float32"),
        Wrong("torch.arange(12.)", "the values are right and in the right order"),
        Wrong("[[0., 1., 2., 3.]]", "the type is list; Tensor was asked for"),
    ),
)

TO_UNIT_RANGE = Exercise(
    chapter="01",
    signature="to_unit_range(pixels)",
    title="from bytes to numbers between 0 and 1",
    prompt="""
        A photograph comes as whole numbers from 0 to 255 in dtype `uint8`. Networks want
        `float32` from 0 to 1. Write `to_unit_range(pixels)`.
    """,
    shapes="pixels: any shape, uint8. Returns the same shape, float32.",
    cases=lambda: [
        (torch.tensor([[0, 51, 102], [153, 204, 255]], dtype=torch.uint8),),
        (torch.tensor([200, 128], dtype=torch.uint8),),
    ],
    model_answer="pixels / 255",
    why="True division of an integer tensor gives float32, so nothing overflows.",
    hints=(
        "The largest value, 255, must become 1.",
        "`/` between an integer tensor and a number gives float32 by itself.",
        "pixels / …",
    ),
    right=(
        "pixels.to(torch.float32) / 255",
        "pixels.float().div_(255)",
        "torch.true_divide(pixels, 255)",
    ),
    slips=(
        Slip("pixels // 255", "// cuts the decimals off; use /"),
        Slip("pixels.float()", "the kind is right, the range is still 0 to 255"),
        Slip("pixels / 256", "divided by 256; the largest byte is 255"),
        Slip("pixels.div_(255)", "div_ would store fractions in a uint8 tensor"),
        Slip(
            "pixels / pixels.max()",
            "divided by the largest value of this image; a dark image would become bright",
        ),
    ),
    wrong=(
        Wrong("pixels.double() / 255", "dtype float64 instead of float32"),
        Wrong("(pixels / 255).flatten()", "the values are right"),
    ),
)

STORAGE_POSITION = Exercise(
    chapter="01",
    signature="storage_position(tensor, index)",
    title="where an element lies",
    prompt="""
        Write `storage_position(tensor, index)`: at which position of the storage does the
        element `tensor[index]` lie? Use `.storage_offset()` and `.stride()`. Return a
        whole number of Python.
    """,
    shapes="tensor: any shape. index: one int for each dimension. Returns an int.",
    cases=lambda: [
        (_counted(3, 4) * 10, (1, 2)),
        ((_counted(3, 4) * 10).t(), (1, 2)),
        ((_counted(3, 4) * 10)[1:, ::2], (1, 1)),
        ((_counted(12) * 10)[2::3], (2,)),
        ((_counted(2, 3, 4) * 10).permute(2, 0, 1)[1:], (1, 1, 2)),
    ],
    model_answer="""
        position = tensor.storage_offset()
        for step, number in zip(tensor.stride(), index):
            position += step * number
        return position
    """,
    why="Offset, plus stride times index for each dimension: the whole address formula.",
    hints=(
        "Start at the offset. Each dimension adds something.",
        "One step along dimension d moves by tensor.stride()[d] elements.",
        "offset + stride[0] * index[0] + stride[1] * index[1] + …",
    ),
    right=(
        "tensor.storage_offset() + sum(s * i for s, i in zip(tensor.stride(), index))",
        """
        steps = torch.tensor(tensor.stride()) * torch.tensor(index)
        return tensor.storage_offset() + int(steps.sum())
        """,
    ),
    slips=(
        Slip(
            "sum(s * i for s, i in zip(tensor.stride(), index))",
            "the offset is missing; a view may start in the middle of the storage",
        ),
        Slip(
            "sum(s * i for s, i in zip(tensor.shape, index))",
            "sizes were used as steps; the steps are in tensor.stride()",
        ),
        Slip(
            "index[0] * tensor.shape[1] + index[1]",
            "this counts row by row, which holds only for contiguous tensors",
        ),
        Slip("tensor[index].item()", "this is the element itself; its place was asked for"),
        Slip(
            """
            first, last = tensor.stride()[0], tensor.stride()[-1]
            return tensor.storage_offset() + first * index[0] + last * index[-1]
            """,
            "this holds for two dimensions; add one product for each of them",
        ),
    ),
    wrong=(
        Wrong(
            """
            steps = torch.tensor(tensor.stride()) * torch.tensor(index)
            return tensor.storage_offset() + steps.sum()
            """,
            "`.item()` makes it a number",
        ),
    ),
)

CHANNELS_FIRST = Exercise(
    chapter="01",
    signature="channels_first(images)",
    title="channels to the front",
    prompt="""
        Cameras and Matplotlib store images as (batch, height, width, channels). PyTorch
        wants (batch, channels, height, width). Write `channels_first(images)` so that no
        pixel is copied: the result must be a *view*.
    """,
    shapes="images: (batch, height, width, channels). Returns (batch, channels, …).",
    cases=lambda: [
        (_counted(2, 2, 3, 3),),
        (_counted(1, 4, 4, 3),),
    ],
    model_answer="images.permute(0, 3, 1, 2)",
    why="permute names the old dimension for each new place; only strides change.",
    hints=(
        "The order of the dimensions changes, not the order of the numbers.",
        "permute takes, for each new place, the number of the old dimension.",
        "images.permute(0, …, 1, 2)",
    ),
    right=(
        "images.movedim(3, 1)",
        "images.transpose(2, 3).transpose(1, 2)",
        "torch.einsum('bhwc->bchw', images)",
    ),
    slips=(
        Slip(
            """
            batch, height, width, channels = images.shape
            return images.reshape(batch, channels, height, width)
            """,
            "reshape keeps the order of the numbers and mixes the colours; use permute",
        ),
        Slip(
            "images.transpose(1, 3)",
            "this also exchanges height and width: the image lies on its side",
        ),
        Slip("images.permute(0, 2, 3, 1)", "this is the way back, to channels last"),
    ),
    wrong=(
        Wrong("images.permute(0, 3, 1, 2).contiguous()", "a view of the input"),
        Wrong("images.permute(3, 1, 2)", "RuntimeError"),
    ),
    asks=frozenset({"view"}),
)

EVERY_OTHER_COLUMN = Exercise(
    chapter="01",
    signature="every_other_column(table)",
    title="every second column, without a copy",
    prompt="""
        Write `every_other_column(table)`: columns 0, 2, 4, … of a table, as a *view*.
    """,
    shapes="table: (rows, columns). Returns (rows, about half of the columns).",
    cases=lambda: [(_counted(3, 4),), (_counted(2, 9),)],
    model_answer="table[:, ::2]",
    why="A slice with a step only doubles a stride; it never copies.",
    hints=(
        "A slice may have a step.",
        "The first place in the brackets is for rows. A colon alone takes all of them.",
        "table[:, …]",
    ),
    right=(
        "table[..., 0::2]",
        """
        rows, columns = table.shape
        down, across = table.stride()
        return table.as_strided((rows, (columns + 1) // 2), (down, 2 * across))
        """,
    ),
    slips=(
        Slip("table[::2]", "these are every other row; columns come second"),
        Slip("table[:, 1::2]", "these are columns 1, 3, …; start at 0"),
        Slip("table[:, :2]", "these are the first two columns; the step comes last"),
        Slip(
            "table[:, [0, 2, 4]]",
            "the numbers of the columns are fixed, and a list as index copies; "
            "use a slice with a step",
        ),
    ),
    wrong=(
        Wrong("table[:, torch.arange(0, table.shape[1], 2)]", "a view of the input"),
        Wrong("table[:, ::2].clone()", "a view of the input"),
        Wrong("table[:, ::2].float()", "dtype float32 instead of int64"),
    ),
    asks=frozenset({"view"}),
)

WITHOUT_NEGATIVES = Exercise(
    chapter="01",
    signature="without_negatives(table)",
    title="no negative numbers",
    prompt="""
        Write `without_negatives(table)`: negative numbers become 0, the others stay. The
        table that was given must not change. No loop.
    """,
    shapes="table: any shape, float32. Returns the same shape, float32.",
    cases=lambda: [(torch.tensor([[-1.0, 2.0], [0.5, -3.0]]),), (_floats(2, 3, 2),)],
    large=lambda: (_floats(30, 8),),
    model_answer="table.clamp(min=0)",
    why="clamp without underscore gives a new tensor and leaves the input alone.",
    hints=(
        "There is one function for limits from below and above.",
        "clamp takes min= and max=; each may be left out.",
        "table.clamp(…)",
    ),
    right=(
        "torch.where(table > 0, table, 0.)",
        "table * (table > 0)",
        "torch.relu(table)",
        """
        result = table.clone()
        result[result < 0] = 0
        return result
        """,
    ),
    slips=(
        Slip("table.abs()", "abs turns -3 into 3; it should become 0"),
        Slip("table[table >= 0]", "a mask alone takes elements out and loses the shape"),
        Slip(
            "table.clamp(max=0)",
            "the negative numbers stayed and the others became 0; it is the reverse",
        ),
    ),
    wrong=(
        Wrong("table.clamp_(min=0)", "changed its input"),
        Wrong(
            "result = table\nresult[result < 0] = 0\nreturn result",
            "is only a second name",
        ),
        Wrong(
            """
            result = table.clone()
            for position in range(result.numel()):
                if result.view(-1)[position] < 0:
                    result.view(-1)[position] = 0
            return result
            """,
            "in a loop",
        ),
    ),
)

CHOSEN_SCORES = Exercise(
    chapter="01",
    signature="chosen_scores(scores, labels)",
    title="the score of the right class",
    prompt="""
        A classifier gives each sample one score for each class. Write
        `chosen_scores(scores, labels)`: for each sample the score of its own label.
        No loop.
    """,
    shapes="scores: (samples, classes). labels: (samples,), int64. Returns (samples,).",
    cases=lambda: [
        (_floats(4, 3), torch.tensor([2, 0, 1, 1])),
        (_floats(3, 3, seed=1), torch.tensor([0, 0, 2])),
        (_floats(1, 3, seed=2), torch.tensor([2])),
    ],
    large=lambda: (_floats(64, 3), _integers(64, high=3)),
    model_answer="scores.gather(1, labels.unsqueeze(1)).squeeze(1)",
    why="gather takes one element along dim 1 in each row; the index needs a column shape.",
    hints=(
        "gather(1, index) takes elements along dimension 1, row by row.",
        "index must have as many dimensions as scores: (samples, 1).",
        "scores.gather(1, labels.unsqueeze(1)) has shape (samples, 1); remove the 1.",
    ),
    right=(
        "scores[torch.arange(len(labels)), labels]",
        "scores.take_along_dim(labels[:, None], dim=1)[:, 0]",
        "(scores * F.one_hot(labels, scores.shape[1])).sum(dim=1)",
    ),
    slips=(
        Slip(
            "scores[:, labels]",
            "a colon and an index combine every row with every label; "
            "put torch.arange(len(labels)) in place of the colon",
        ),
        Slip(
            "scores.gather(1, labels)",
            "the index needs two dimensions: labels.unsqueeze(1)",
        ),
        Slip(
            "scores.max(dim=1).values",
            "this is the largest score; the label may be another class",
        ),
        Slip("scores[labels]", "this picks whole rows by label"),
        Slip(
            "scores.gather(1, labels.unsqueeze(1)).squeeze()",
            "squeeze() without a dimension also removes a batch of one; say squeeze(1)",
        ),
    ),
    wrong=(
        Wrong("scores.gather(1, labels.unsqueeze(1))", "a dimension of size 1"),
        Wrong(
            "torch.stack([row[label] for row, label in zip(scores, labels)])",
            "in a loop",
        ),
        Wrong(
            "torch.tensor(list(map(list.__getitem__, scores.tolist(), labels.tolist())))",
            "Python list",
        ),
    ),
)

ONE_HOT = Exercise(
    chapter="01",
    signature="one_hot(labels, classes)",
    title="one-hot by hand",
    prompt="""
        Write `one_hot(labels, classes)`: one row for each label, zeros, and a single 1 in
        the column of the label. dtype `float32`. Use `scatter_`, or find another way without
        a loop.
    """,
    shapes="labels: (samples,), int64. Returns (samples, classes), float32.",
    cases=lambda: [(torch.tensor([1, 0, 0]), 3), (torch.tensor([3, 3]), 5)],
    large=lambda: (_integers(50, high=3), 3),
    model_answer="""
        result = torch.zeros(len(labels), classes)
        return result.scatter_(1, labels.unsqueeze(1), 1.0)
    """,
    why="scatter_ writes 1.0 into each row at the column that the index names.",
    hints=(
        "Begin with zeros of the right shape.",
        "scatter_(1, index, value) writes along dimension 1, row by row.",
        "torch.zeros(len(labels), classes).scatter_(1, labels.unsqueeze(1), …)",
    ),
    right=(
        "F.one_hot(labels, classes).float()",
        "torch.eye(classes)[labels]",
        "(labels[:, None] == torch.arange(classes)).float()",
    ),
    slips=(
        Slip(
            "torch.zeros(len(labels), classes).scatter_(0, labels.unsqueeze(1), 1.)",
            "dim 0 runs down the rows; the class is the column, dim 1",
        ),
        Slip(
            "torch.zeros(len(labels), classes).scatter_(1, labels, 1.)",
            "the index needs two dimensions: labels.unsqueeze(1)",
        ),
        Slip(
            "torch.eye(len(labels))[labels]",
            "as many columns as labels; there must be one for each class",
        ),
        Slip(
            "F.one_hot(labels).float()",
            "the largest label decided the number of columns; there must be `classes`",
        ),
        Slip(
            """
            result = torch.zeros(len(labels), classes)
            result.scatter(1, labels.unsqueeze(1), 1.0)
            return result
            """,
            "still all zeros: scatter gives a new tensor, scatter_ changes this one",
        ),
        Slip(
            """
            result = torch.zeros(len(labels), classes)
            result[:, labels] = 1
            return result
            """,
            "a colon and an index combine every row with every label; "
            "put torch.arange(len(labels)) in place of the colon",
        ),
        Slip(
            """
            result = torch.zeros(len(labels), classes)
            result[labels] = 1
            return result
            """,
            "this writes into whole rows; the label is the column",
        ),
    ),
    wrong=(
        Wrong("F.one_hot(labels, classes)", "dtype int64 instead of float32"),
        Wrong("torch.eye(classes)[labels] == 1", "dtype bool instead of float32"),
    ),
)

_ACCURACY_SCORES = torch.tensor(
    [[0.1, 0.7, 0.2, 0.0], [0.6, 0.3, 0.1, 0.0], [0.2, 0.1, 0.5, 0.2], [0.1, 0.0, 0.3, 0.6]]
)

ACCURACY = Exercise(
    chapter="01",
    signature="accuracy(scores, labels)",
    title="accuracy",
    prompt="""
        Write `accuracy(scores, labels)`: the share of samples whose largest score stands
        in the column of the label, as a `float` of Python from 0 to 1.
    """,
    shapes="scores: (samples, classes). labels: (samples,), int64. Returns a float.",
    cases=lambda: [
        (_ACCURACY_SCORES.clone(), torch.tensor([1, 0, 2, 0])),
        (_floats(3, 5, seed=4), torch.tensor([0, 4, 1])),
        (torch.eye(3), torch.tensor([0, 1, 2])),
    ],
    model_answer="(scores.argmax(dim=1) == labels).float().mean().item()",
    why="argmax along dim 1 gives one class a row; a mean of 0s and 1s is a share.",
    hints=(
        "First the class of the largest score in each row.",
        "Comparing with labels gives booleans; as floats their mean is the share.",
        "(scores.argmax(dim=1) == labels).float()… and a number out of the tensor",
    ),
    right=(
        "(scores.max(dim=1).indices == labels).sum().item() / len(labels)",
        "float((scores.topk(1).indices[:, 0] == labels).double().mean())",
    ),
    slips=(
        Slip(
            "(scores.argmax(dim=0) == labels).float().mean().item()",
            "dim=0 finds the best sample for each class; dim=1 the best class",
        ),
        Slip(
            "float((scores.argmax(dim=1) == labels).sum())",
            "this is a count; divide by the number of samples",
        ),
        Slip(
            "(scores.argmax() == labels).float().mean().item()",
            "argmax without dim= looks through the whole table",
        ),
        Slip(
            "(scores.max(dim=1).values == labels).float().mean().item()",
            "scores were compared with labels; it is the place of the largest that counts",
        ),
        Slip(
            "(scores.max(dim=1) == labels).float().mean().item()",
            "max(dim=1) gives values and indices; compare its .indices, or use argmax",
        ),
        Slip(
            "100 * (scores.argmax(dim=1) == labels).float().mean().item()",
            "this is in percent; a share from 0 to 1 was asked for",
        ),
        Slip(
            "(scores.argmax(dim=1) == labels).sum().item()",
            "this is a count; divide by the number of samples",
        ),
        Slip(
            "(scores.argmax(dim=1) == labels).mean().item()",
            "booleans have no mean; make them float first",
        ),
    ),
    wrong=(Wrong("(scores.argmax(dim=1) == labels).float().mean()", "`.item()` makes it"),),
)

ROW_SHARES = Exercise(
    chapter="01",
    signature="row_shares(table)",
    title="each row adds up to one",
    prompt="""
        Write `row_shares(table)`: divide each number by the sum of its own row, so that
        every row adds up to 1. No loop.
    """,
    shapes="table: (rows, columns), positive float32. Returns the same shape.",
    cases=lambda: [
        (torch.tensor([[1.0, 1, 2], [1, 0, 1], [2, 2, 6]]),),
        (torch.tensor([[1.0, 3], [2, 2], [0, 4]]),),
    ],
    large=lambda: (_floats(40, 8).abs() + 1,),
    model_answer="table / table.sum(dim=1, keepdim=True)",
    why="keepdim=True leaves a column of sums, which is stretched along each row.",
    hints=(
        "The sum of a row runs over the columns, and that is dim=1.",
        "The sums must stand in a column, shape (rows, 1), to meet their rows.",
        "table / table.sum(dim=1, keepdim=…)",
    ),
    right=(
        "table / table.sum(dim=-1).unsqueeze(1)",
        "(table.t() / table.sum(dim=1)).t()",
        "torch.einsum('rc,r->rc', table, 1 / table.sum(dim=1))",
    ),
    slips=(
        Slip(
            "table / table.sum(dim=1)",
            "without keepdim=True the sums lie in a row, "
            "and each column is divided by the sum of another row",
        ),
        Slip(
            "table / table.sum(dim=0)",
            "dim=0 sums down each column; dim=1 sums along each row",
        ),
        Slip("table / table.sum()", "this is the share of the whole table"),
        Slip("table.softmax(dim=1)", "softmax takes the exponential first"),
    ),
    wrong=(
        Wrong("table.div_(table.sum(dim=1, keepdim=True))", "changed its input"),
        Wrong("torch.stack([row / row.sum() for row in table])", "in a loop"),
        Wrong("(table / table.sum(dim=1, keepdim=True)).round(decimals=1)", "instead of 0.25"),
    ),
)

STACK_CHANNELS = Exercise(
    chapter="01",
    signature="stack_channels(red, green, blue)",
    title="three channels, one image",
    prompt="""
        Write `stack_channels(red, green, blue)`: three grey images of the same size
        become one colour image with the channels in front.
    """,
    shapes="red, green, blue: (height, width). Returns (3, height, width).",
    cases=lambda: [
        (_counted(2, 3), _counted(2, 3) + 10, _counted(2, 3) + 20),
        (_counted(3, 3), _counted(3, 3) + 10, _counted(3, 3) + 20),
    ],
    model_answer="torch.stack([red, green, blue])",
    why="stack makes a new dimension; cat would lengthen one that is there.",
    hints=(
        "The result has one dimension more than each part.",
        "cat joins along a dimension that exists; the other function makes a new one.",
        "torch.stack([…])",
    ),
    right=(
        "torch.cat([red[None], green[None], blue[None]])",
        "torch.cat([red, green, blue]).view(3, *red.shape)",
    ),
    slips=(
        Slip(
            "torch.cat([red, green, blue])",
            "cat puts them below each other; stack makes the new dimension",
        ),
        Slip(
            "torch.stack([red, green, blue], dim=-1)",
            "the channels are last; dim=0 puts them in front",
        ),
        Slip(
            "torch.stack([blue, green, red])",
            "the order is blue, green, red; OpenCV does that, PyTorch does not",
        ),
        Slip(
            "torch.stack(red, green, blue)",
            "stack takes one list: put square brackets around the three",
        ),
        Slip(
            "torch.tensor([red, green, blue])",
            "torch.tensor makes tensors of numbers; to join tensors, use stack",
        ),
    ),
)

DIFFERENCES = Exercise(
    chapter="01",
    signature="differences(left, right)",
    title="every difference",
    prompt="""
        Write `differences(left, right)`: element `[i, j]` of the result is
        `left[i] - right[j]`. No loop.
    """,
    shapes="left: (rows,). right: (columns,). Returns (rows, columns).",
    cases=lambda: [
        (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([0.0, 10.0])),
        (torch.tensor([1.0, 2.0, 5.0]), torch.tensor([3.0, 0.0, 1.0])),
        (torch.tensor([1.0, 4.0]), torch.tensor([2.0])),
    ],
    large=lambda: (_floats(20), _floats(30)),
    model_answer="left.unsqueeze(1) - right.unsqueeze(0)",
    why="(rows, 1) meets (1, columns); both are stretched to (rows, columns).",
    hints=(
        "Make a column of one and a row of the other.",
        "left.unsqueeze(1) has shape (rows, 1).",
        "left.unsqueeze(1) - …",
    ),
    right=(
        "left[:, None] - right",
        "left.reshape(-1, 1).expand(-1, len(right)) - right",
    ),
    slips=(
        Slip(
            "left - right",
            "shapes (rows,) and (columns,) are matched element by element",
        ),
        Slip(
            "left - right[:, None]",
            "left lies along the columns; it is left that needs the new dimension at the end",
        ),
        Slip("right - left[:, None]", "this is right minus left"),
    ),
    wrong=(
        Wrong("torch.stack([value - right for value in left])", "in a loop"),
        Wrong("(left[:, None] - right).flatten()", "in the right order"),
    ),
)

FIT_LINE = Exercise(
    chapter="01",
    signature="fit_line(x, y)",
    title="a line through points",
    prompt="""
        Write `fit_line(x, y)`: the slope and the intercept of the line that comes closest
        to the points, as one tensor `[slope, intercept]`. Use `torch.linalg.lstsq` on a
        matrix with two columns: `x`, and ones.
    """,
    shapes="x, y: (points,), float64. Returns (2,): slope, intercept.",
    cases=lambda: [
        (
            torch.tensor([0.0, 1, 2, 3]).double(),
            torch.tensor([1.0, 3, 5, 7]).double(),
        ),
        (_floats(6, seed=1).double(), _floats(6, seed=2).double()),
    ],
    model_answer="""
        matrix = torch.stack([x, torch.ones_like(x)], dim=1)  # (points, 2)
        return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution.squeeze(1)
    """,
    why="matrix @ [slope, intercept] gives the line at each x; lstsq finds the best pair.",
    hints=(
        "slope * x + intercept * 1 is a matrix product with two columns.",
        "torch.stack([x, torch.ones_like(x)], dim=1) is that matrix.",
        "torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution has shape (2, 1).",
    ),
    right=(
        """
        matrix = torch.stack([x, torch.ones_like(x)], dim=1)
        return torch.linalg.solve(matrix.t() @ matrix, matrix.t() @ y)
        """,
        """
        centred = x - x.mean()
        slope = centred @ (y - y.mean()) / (centred @ centred)
        return torch.stack([slope, y.mean() - slope * x.mean()])
        """,
    ),
    slips=(
        Slip(
            """
            matrix = torch.stack([torch.ones_like(x), x], dim=1)
            return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution.squeeze(1)
            """,
            "the order is intercept, slope; the columns of the matrix are exchanged",
        ),
        Slip(
            "torch.linalg.lstsq(x.unsqueeze(1), y.unsqueeze(1)).solution.squeeze(1)",
            "without a column of ones the line must pass through zero",
        ),
    ),
    wrong=(
        Wrong(
            """
            matrix = torch.stack([x, torch.ones_like(x)], dim=1)
            return torch.linalg.lstsq(matrix, y.unsqueeze(1)).solution
            """,
            "a dimension of size 1",
        ),
        Wrong(
            """
            matrix = torch.stack([x, torch.ones_like(x)], dim=1)
            return torch.linalg.lstsq(matrix, y.unsqueeze(1))
            """,
            "choose with .solution",
        ),
    ),
    tolerance=1e-9,
)

SNAPSHOT = Exercise(
    chapter="01",
    signature="snapshot(weights)",
    title="a snapshot that stays",
    prompt="""
        During training the weights change in place. Write `snapshot(weights)`: the values
        of this moment, which later changes do not reach, and which carry no gradient.
    """,
    shapes="weights: any shape, requires_grad. Returns the same shape, a copy.",
    cases=lambda: [
        (torch.tensor([1.0, 2.0], requires_grad=True),),
        (torch.ones(2, 2, requires_grad=True),),
    ],
    model_answer="weights.detach().clone()",
    why="detach leaves the graph and shares memory; clone then makes the copy.",
    hints=(
        "Two things are asked: no gradient, and memory of its own.",
        "detach does the first, clone does the second.",
        "weights.detach()…",
    ),
    right=(
        "weights.clone().detach()",
        "torch.tensor(weights.tolist())",
        """
        with torch.no_grad():
            return weights.clone()
        """,
    ),
    wrong=(
        Wrong("weights.detach()", "a view: writing to it would change the input"),
        Wrong("weights", "still carries the gradient"),
        Wrong("weights.clone()", "still carries the gradient"),
        Wrong("weights.detach().double()", "dtype float64 instead of float32"),
        Wrong("return weights.detach_().clone()", "whether its input carries a gradient"),
    ),
    asks=frozenset({"copy"}),
)

DOMINANT_PERIOD = Exercise(
    chapter="01",
    signature="dominant_period(series)",
    title="the strongest period",
    prompt="""
        Write `dominant_period(series)`: after how many samples does the strongest wave in
        the series repeat? Subtract the mean, take `torch.fft.rfft`, find the frequency
        with the largest magnitude. Frequency number `k` fits `k` waves into the series.
        Return a `float`.
    """,
    shapes="series: (samples,), float32. Returns a float, in samples.",
    cases=lambda: [
        (_waves(40, 5, 2),),
        (_waves(45, 7, 3),),
    ],
    model_answer="""
        spectrum = torch.fft.rfft(series - series.mean()).abs()
        return len(series) / spectrum.argmax().item()
    """,
    why="k waves in n samples: one wave lasts n / k samples.",
    hints=(
        "A mean that is not zero is a wave of frequency 0; subtract it.",
        "torch.fft.rfft(…).abs() holds the magnitude of each frequency.",
        "len(series) / (position of the largest magnitude)",
    ),
    right=(
        """
        power = torch.fft.rfft(series - series.mean()).abs() ** 2
        return 1 / torch.fft.rfftfreq(len(series))[power.argmax()].item()
        """,
        """
        spectrum = torch.fft.rfft(series).abs()[1:]
        return len(series) / (int(spectrum.argmax()) + 1)
        """,
    ),
    wrong=(
        Wrong(
            """
            spectrum = torch.fft.rfft(series - series.mean()).abs()
            return float(len(series) // spectrum.argmax().item())
            """,
            "Expected: 6.429",
        ),
    ),
    slips=(
        Slip(
            "len(series) / torch.fft.rfft(series).abs().argmax().item()",
            "the mean was left in: frequency 0 wins, and n / 0 fails",
        ),
        Slip(
            "len(series) / torch.fft.rfft(series).abs()[1:].argmax().item()",
            "after cutting off frequency 0, position 0 means frequency 1",
        ),
        Slip(
            "len(series) / torch.fft.rfft(series - series.mean()).real.argmax().item()",
            "the spectrum is complex; how strong a wave is, says .abs()",
        ),
        Slip(
            "torch.fft.rfft(series - series.mean()).abs().argmax().item()",
            "this is the number of waves; the period is len(series) divided by it",
        ),
        Slip(
            "torch.fft.rfft(series - series.mean()).abs().argmax().item() / len(series)",
            "this is waves per sample; turn the fraction round",
        ),
    ),
)

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
    cases=lambda: [(_floats(3, 3, seed=5),), (_floats(5, 2, seed=6) * 100,)],
    large=lambda: (_floats(40, 12),),
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
    slips=(
        Slip(
            "(table - table.mean()) / table.std()",
            "one mean for the whole table; each column needs its own: dim=0",
        ),
        Slip(
            "(table - table.mean(dim=1, keepdim=True)) / table.std(dim=1, keepdim=True)",
            "this standardises the rows; dim=0 runs down the columns",
        ),
        Slip(
            "table - table.mean(dim=0) / table.std(dim=0)",
            "division comes before subtraction; put the difference in brackets",
        ),
        Slip("table - table.mean(dim=0)", "the division by the deviation is missing"),
        Slip(
            "(table - table.mean(dim=0)) / table.std(dim=0, correction=0)",
            "correction=0 divides by n instead of n - 1; use .std(dim=0)",
        ),
        Slip(
            "(table - table.mean(dim=0)) / table.var(dim=0)",
            "var is the square of the standard deviation",
        ),
    ),
    wrong=(
        Wrong(
            "table -= table.mean(dim=0)\ntable /= table.std(dim=0)\nreturn table",
            "changed its input",
        ),
        Wrong(
            """
            columns = [(column - column.mean()) / column.std() for column in table.t()]
            return torch.stack(columns, dim=1)
            """,
            "in a loop",
        ),
    ),
)

NEAREST = Exercise(
    chapter="01",
    signature="nearest(table)",
    title="the nearest other row",
    prompt="""
        Write `nearest(table)`: for each row the number of the *other* row that is closest
        to it (Euclidean distance). `torch.cdist(table, table)` gives all distances; the
        distance of a row to itself must not count. Two rows may be equal. No loop.
    """,
    shapes="table: (rows, columns), float32. Returns (rows,), int64.",
    cases=lambda: [
        (torch.tensor([[0.0, 0.0], [0.0, 10.0], [500.0, 500.0], [500.0, 700.0]]),),
        (torch.tensor([[3.0, 4.0], [1.0, 1.0], [3.0, 4.0], [1.0, 2.0]]),),
        (_floats(6, 3, seed=8),),
    ],
    large=lambda: (_floats(50, 3),),
    model_answer="""
        distances = torch.cdist(table, table)
        distances.fill_diagonal_(torch.inf)
        return distances.argmin(dim=1)
    """,
    why="With infinity on the diagonal no row can be its own neighbour.",
    hints=(
        "All distances first, then the smallest in each row.",
        "fill_diagonal_ can put a number on the diagonal that is never the smallest.",
        "distances.fill_diagonal_(torch.inf), then argmin along dim 1",
    ),
    right=(
        """
        itself = torch.diag(torch.full((len(table),), torch.inf))
        return (torch.cdist(table, table) + itself).argmin(dim=1)
        """,
        """
        squares = (table[:, None] - table[None]).pow(2).sum(dim=-1)
        itself = torch.eye(len(table), dtype=torch.bool)
        return squares.masked_fill(itself, torch.inf).argmin(dim=1)
        """,
    ),
    slips=(
        Slip(
            "torch.cdist(table, table).argmin(dim=1)",
            "every row is nearest to itself; keep the diagonal out",
        ),
        Slip(
            "torch.cdist(table, table).argmax(dim=1)",
            "this is the row farthest away",
        ),
        Slip(
            "torch.cdist(table, table).fill_diagonal_(torch.inf).min(dim=1).values",
            "these are the distances; the numbers of the rows were asked for",
        ),
        Slip(
            """
            distances = torch.cdist(table, table)
            distances[distances == 0] = torch.inf
            return distances.argmin(dim=1)
            """,
            "two equal rows are at distance 0 too; take out the diagonal, not the zeros",
        ),
        Slip(
            "torch.cdist(table, table).topk(2, largest=False).indices[:, 1]",
            "the second smallest may be the row itself, if another one is equal to it",
        ),
        Slip(
            "(torch.cdist(table, table) + torch.eye(len(table)) * torch.inf).argmin(dim=1)",
            "0 times infinity is nan, and argmin finds the nan; use fill_diagonal_",
        ),
        Slip(
            "(torch.cdist(table, table) + torch.eye(len(table)) * 10).argmin(dim=1)",
            "10 is not always large enough; infinity is",
        ),
    ),
    wrong=(
        Wrong(
            """
            result = []
            for number, row in enumerate(table):
                distances = (table - row).norm(dim=1)
                distances[number] = torch.inf
                result.append(distances.argmin())
            return torch.stack(result)
            """,
            "in a loop",
        ),
    ),
)

EXERCISES = (
    GRID,
    TO_UNIT_RANGE,
    STORAGE_POSITION,
    CHANNELS_FIRST,
    EVERY_OTHER_COLUMN,
    WITHOUT_NEGATIVES,
    ACCURACY,
    CHOSEN_SCORES,
    ONE_HOT,
    STACK_CHANNELS,
    DIFFERENCES,
    ROW_SHARES,
    FIT_LINE,
    SNAPSHOT,
    DOMINANT_PERIOD,
    STANDARDISE,
    NEAREST,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="01", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "capital_t",
        "What is torch.Tensor(3), with a capital T?",
        Choice("a tensor that holds the number 3", "That is torch.tensor(3), small t."),
        Choice(
            "a tensor with three elements of no particular value",
            "With a capital T the numbers are sizes, and nobody fills the memory.",
            right=True,
        ),
        Choice("an error", "It is old, but it still works: that is what is dangerous."),
    ),
    _prediction(
        "bytes_overflow",
        "A uint8 holds 0 to 255. What is torch.tensor([200], dtype=torch.uint8) + 100?",
        Choice("300", "300 does not fit into uint8, and adding a number keeps the dtype."),
        Choice("255", "PyTorch does not stop at the limit; it wraps around."),
        Choice("44", "300 - 256 = 44: it wraps around, without a warning.", right=True),
    ),
    _prediction(
        "transposed_strides",
        "table has shape (3, 4) and strides (4, 1). What are the strides of table.t()?",
        Choice("(3, 1)", "Those of a contiguous 4x3 table. But t() moves no data."),
        Choice("(1, 4)", "t() exchanges the strides and moves no data.", right=True),
        Choice("(4, 1)", "With the same strides it would still be the same table."),
    ),
    _prediction(
        "view_of_transposed",
        "table has shape (3, 4). What does table.t().view(12) do?",
        Choice(
            "gives 0, 4, 8, 1, 5, … as a view",
            "No single stride can step through the storage in that order.",
        ),
        Choice(
            "raises an error",
            "view never copies, and without a copy this order is impossible.",
            right=True,
        ),
        Choice("copies the numbers", "reshape would. view never copies."),
    ),
    _prediction(
        "expanded_bytes",
        "row holds 4 float32 numbers, 16 bytes. How large is the storage of row.expand(1000, 4)?",
        Choice("16 bytes", "Stride 0 reads the same row again and again.", right=True),
        Choice("16,000 bytes", "That would be row.repeat(1000, 1), which copies."),
    ),
    _prediction(
        "write_through",
        "sliced = table[1:2] and picked = table[[1]] hold the same numbers. "
        "Writing into which of them changes table?",
        Choice("both", "An index that is a list makes a copy."),
        Choice("sliced only", "A slice is a view, a list of indices a copy.", right=True),
        Choice("picked only", "It is the other way round."),
        Choice("none", "A slice in Python's lists is a copy; a tensor's is a view."),
    ),
    _prediction(
        "gathered",
        "table is [[10, 11], [20, 21]]. What is table.gather(1, torch.tensor([[1], [0]]))?",
        Choice("[[11], [20]]", "One column number for each row.", right=True),
        Choice("[[20], [11]]", "That takes rows; dim 1 means that the columns move."),
        Choice("[[20, 21], [10, 11]]", "That is table[[1, 0]], which takes whole rows."),
    ),
    _prediction(
        "equal_decimals",
        "In float64, is torch.equal(a + b, c) True for a = 0.1, b = 0.2, c = 0.3?",
        Choice("True", "None of the three has an exact binary form."),
        Choice("False", "The sum is off in the last binary digit.", right=True),
    ),
    _prediction(
        "summed_shape",
        "cube has shape (2, 3, 4). What is the shape of cube.sum(dim=1)?",
        Choice("(2, 4)", "The dimension that is named disappears.", right=True),
        Choice("(3,)", "That would sum over dimensions 0 and 2."),
        Choice("(2, 3)", "That is sum(dim=2). Counting begins at 0."),
    ),
    _prediction(
        "stacked_shape",
        "Three tensors have shape (2, 5). What shape has torch.stack of them, with dim=1?",
        Choice("(6, 5)", "That is cat along dim 0."),
        Choice("(2, 15)", "That is cat along dim 1."),
        Choice("(3, 2, 5)", "That is stack with dim=0."),
        Choice("(2, 3, 5)", "The new dimension stands at place 1.", right=True),
    ),
    _prediction(
        "column_plus_row",
        "What shape has a tensor of shape (3, 1) plus a tensor of shape (4,)?",
        Choice("error", "From the right: 1 meets 4 and stretches, 3 meets nothing."),
        Choice("(3, 4)", "The column is stretched 4 times, the row 3 times.", right=True),
        Choice("(4, 3)", "Shapes are aligned at the right: 4 stays last."),
    ),
    _prediction(
        "batched_product",
        "What shape has a (10, 3, 4) tensor @ a (4, 5) tensor?",
        Choice("(10, 3, 5)", "The matrix is used for each of the 10.", right=True),
        Choice("(3, 5)", "The batch of 10 does not disappear."),
        Choice("error", "@ broadcasts over what stands before the last two."),
    ),
    _prediction(
        "shared_array",
        "tensor = torch.from_numpy(array); then array[0] = 99. What is tensor[0]?",
        Choice("what it was", "torch.tensor(array) would copy; from_numpy does not."),
        Choice("99", "Both look at the same memory.", right=True),
    ),
    _prediction(
        "raw_distances",
        "Proline is measured in hundreds, hue around 1. Which column decides the "
        "Euclidean distance between two wines, if nothing is standardised?",
        Choice("all of them alike", "Each adds the square of its own difference."),
        Choice("hue", "Its differences are tenths; their squares are hundredths."),
        Choice("proline", "Its differences are the largest by far.", right=True),
    ),
)
