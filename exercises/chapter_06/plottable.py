from typing import Any

import torch

from exercises.chapter_06._fake_cuda import FakeCudaMode, FakeCudaTensor
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit


def _not_on_the_gpu(result: Any, *_: Any) -> Any:
    """The result itself, if it has been copied to the CPU."""
    if isinstance(result, FakeCudaTensor):
        raise Unfit("the result is still on the GPU: .cpu() copies it to the CPU")
    return result


exercise = ModuleExercise(
    "plottable(value)",
    title="a value that vis.line takes",
    prompt="""
        Write `plottable(value)`: make of an int or float, of a tensor without dimensions,
        or of one with one dimension what `vis.line` takes in any case: a `float32` tensor
        with one dimension, on the CPU, without a gradient. The tensor may be of any dtype,
        may lie on a GPU (the check has a stand-in for that), and may require a gradient.
    """,
    shapes="value: a number, or a tensor with 0 or 1 dimensions. Returns float32 (n,).",
    cases=[
        lambda: (0.5,),
        lambda: (torch.tensor(0.25),),
        lambda: (torch.tensor([1.0, 2.0, 4.0], requires_grad=True),),
        lambda: (torch.tensor([0.5, 1.5], dtype=torch.bfloat16),),
        lambda: (3,),
        lambda: (torch.tensor([2.5]),),
        lambda: (torch.tensor([0.1, 70_000.0]),),
        lambda: (torch.tensor([5, 6]),),
        lambda: (torch.tensor(0.75).as_subclass(FakeCudaTensor),),
        lambda: (torch.tensor([1.0, 2.5], dtype=torch.float64).as_subclass(FakeCudaTensor),),
    ],
    look=_not_on_the_gpu,
    hints=(
        "torch.as_tensor takes a number as well as a tensor.",
        "Four things are to be settled: gradient, device, dtype, shape. Each has a method.",
        ".detach(), .cpu(), .float(), and .reshape(-1) for the shape.",
    ),
    context=FakeCudaMode,
)


@exercise.answer(
    why="as_tensor takes numbers and tensors; reshape(-1) gives one dimension to both kinds; "
    "detach leaves the graph behind."
)
def plottable(value):
    return torch.as_tensor(value).detach().cpu().float().reshape(-1)


@exercise.right
def _(value):
    if not isinstance(value, torch.Tensor):
        return torch.tensor([float(value)])
    value = value.detach().to("cpu", torch.float32)
    return value[None] if value.ndim == 0 else value


@exercise.right
def _(value):
    with torch.no_grad():
        return torch.atleast_1d(torch.as_tensor(value)).to("cpu", torch.float32).clone()


exercise.right(
    lambda value: torch.as_tensor(value, device="cpu", dtype=torch.float32).detach().view(-1)
)


@exercise.right
def _(value):
    numbers = value.tolist() if isinstance(value, torch.Tensor) else value
    return torch.tensor(numbers if isinstance(numbers, list) else [numbers]).float()


exercise.mistake(
    "the result still requires a gradient, and keeps the whole graph alive: detach it",
    edit(".detach()", ""),
)
exercise.mistake(
    "a tensor without dimensions stays one without: give it one dimension",
    edit(".reshape(-1)", ""),
)
exercise.mistake(
    "the dtype is still that of the value: float32 was asked for",
    edit(".float()", ""),
)
exercise.mistake(
    "[None] adds a dimension also where there is one already",
    edit(".reshape(-1)", "[None]"),
)


@exercise.mistake("vis.line takes a list too, but a tensor was asked for")
def _(value):
    value = torch.as_tensor(value).detach().cpu().float()
    return value.tolist() if value.ndim else [value.item()]


exercise.mistake(
    "the numbers went through float16, which has three digits and ends at 65,504",
    edit(".float()", ".half().float()"),
)
exercise.mistake(
    "the numbers went through bfloat16, which has two to three digits",
    edit(".float()", ".bfloat16().float()"),
)

exercise.rejected("still on the GPU", edit(".cpu()", ""))
exercise.rejected("still on the GPU", edit(".cpu().float()", ".to(torch.float32)"))


@exercise.rejected("Tensor.cpu()")
def _(value):
    if not isinstance(value, torch.Tensor):
        return torch.tensor([float(value)])
    return torch.from_numpy(value.detach().float().numpy()).reshape(-1)


@exercise.rejected("still carries the gradient")
def _(value):
    with torch.no_grad():
        return torch.atleast_1d(torch.as_tensor(value).cpu().float())


exercise.rejected("AttributeError", lambda value: [value.item()])
exercise.rejected("converted", lambda value: torch.tensor([float(value)]))
