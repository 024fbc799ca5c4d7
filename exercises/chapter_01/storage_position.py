import torch

from exercises.chapter_01._shared import counted
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "storage_position(tensor, index)",
    title="where an element lies",
    prompt="""
        Write `storage_position(tensor, index)`: at which position of the storage does the
        element `tensor[index]` lie? Use `.storage_offset()` and `.stride()`. Return a
        whole number of Python.
    """,
    shapes="tensor: any shape. index: one int for each dimension. Returns an int.",
    cases=[
        lambda: (counted(3, 4) * 10, (1, 2)),
        lambda: ((counted(3, 4) * 10).t(), (1, 2)),
        lambda: ((counted(3, 4) * 10)[1:, ::2], (1, 1)),
        lambda: ((counted(12) * 10)[2::3], (2,)),
        lambda: ((counted(2, 3, 4) * 10).permute(2, 0, 1)[1:], (1, 1, 2)),
        lambda: (counted(1, 3) * 10, (0, 2)),
    ],
    hints=(
        "Start at the offset. Each dimension adds something.",
        "One step along dimension d moves by tensor.stride()[d] elements.",
        "offset + stride[0] * index[0] + stride[1] * index[1] + …",
    ),
)


@exercise.answer(
    why="Offset, plus stride times index for each dimension: the whole address formula."
)
def storage_position(tensor, index):
    position = tensor.storage_offset()
    for step, number in zip(tensor.stride(), index):
        position += step * number
    return position


@exercise.right
def _(tensor, index):
    return tensor.storage_offset() + sum(s * i for s, i in zip(tensor.stride(), index))


@exercise.right
def with_tensors(tensor, index):
    steps = torch.tensor(tensor.stride()) * torch.tensor(index)
    return tensor.storage_offset() + int(steps.sum())


exercise.mistake(
    "the offset is missing; a view may start in the middle of the storage",
    lambda tensor, index: sum(s * i for s, i in zip(tensor.stride(), index)),
)
exercise.mistake(
    "sizes were used as steps; the steps are in tensor.stride()",
    lambda tensor, index: sum(s * i for s, i in zip(tensor.shape, index)),
)
exercise.mistake(
    "this counts row by row, which holds only for contiguous tensors",
    lambda tensor, index: index[0] * tensor.shape[1] + index[1],
)
exercise.mistake(
    "this is the element itself; its place was asked for",
    lambda tensor, index: tensor[index].item(),
)


@exercise.mistake("this holds for two dimensions; add one product for each of them")
def _(tensor, index):
    first, last = tensor.stride()[0], tensor.stride()[-1]
    return tensor.storage_offset() + first * index[0] + last * index[-1]


exercise.rejected(
    "`.item()` makes it a number",
    edit("int(steps.sum())", "steps.sum()", of=with_tensors),
)
