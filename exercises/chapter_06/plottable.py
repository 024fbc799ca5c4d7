"""Exercise plottable: a value that vis.line takes."""

from typing import Any

import torch

from exercises.chapter_06._fake_cuda import Making, TensorOnGPU
from helpers.grading.exercise import KnownMistake, RejectedAnswer
from helpers.grading.modules import ModuleExercise, Unfit


def _not_on_the_gpu(result: Any, *_: Any) -> Any:
    """The result itself, if it has been copied to the CPU."""
    if isinstance(result, TensorOnGPU):
        raise Unfit("the result is still on the GPU: .cpu() copies it to the CPU")
    return result


def _plottable_cases() -> list[tuple]:
    """Each kind of value that a training loop may have at hand."""
    return [
        (0.5,),
        (torch.tensor(0.25),),
        (torch.tensor([1.0, 2.0, 4.0], requires_grad=True),),
        (torch.tensor([0.5, 1.5], dtype=torch.bfloat16),),
        (3,),
        (torch.tensor([0.1, 70_000.0]),),
        (torch.tensor([5, 6]),),
        (torch.tensor(0.75).as_subclass(TensorOnGPU),),
        (torch.tensor([1.0, 2.5], dtype=torch.float64).as_subclass(TensorOnGPU),),
    ]


PLOTTABLE = ModuleExercise(
    context=Making,
    chapter="06",
    signature="plottable(value)",
    title="a value that vis.line takes",
    prompt="""
        Write `plottable(value)`: make of an int or float, of a tensor without dimensions,
        or of one with one dimension what `vis.line` takes in any case: a `float32` tensor
        with one dimension, on the CPU, without a gradient. The tensor may be of any dtype,
        may lie on a GPU (the check has a stand-in for that), and may require a gradient.
    """,
    shapes="value: a number, or a tensor with 0 or 1 dimensions. Returns float32 (n,).",
    cases=_plottable_cases,
    look=_not_on_the_gpu,
    model_answer="return torch.as_tensor(value).detach().cpu().float().reshape(-1)",
    why="as_tensor takes numbers and tensors; reshape(-1) gives one dimension to both kinds; "
    "detach leaves the graph behind.",
    hints=(
        "torch.as_tensor takes a number as well as a tensor.",
        "Four things are to be settled: gradient, device, dtype, shape. Each has a method.",
        ".detach(), .cpu(), .float(), and .reshape(-1) for the shape.",
    ),
    right=(
        """
        if not isinstance(value, torch.Tensor):
            return torch.tensor([float(value)])
        value = value.detach().to("cpu", torch.float32)
        return value[None] if value.ndim == 0 else value
        """,
        """
        with torch.no_grad():
            return torch.atleast_1d(torch.as_tensor(value)).to("cpu", torch.float32).clone()
        """,
        'return torch.as_tensor(value, device="cpu", dtype=torch.float32).detach().view(-1)',
        """
        numbers = value.tolist() if isinstance(value, torch.Tensor) else value
        return torch.tensor(numbers if isinstance(numbers, list) else [numbers]).float()
        """,
    ),
    mistakes=(
        KnownMistake(
            "return torch.as_tensor(value).cpu().float().reshape(-1)",
            "the result still requires a gradient, and keeps the whole graph alive: detach it",
        ),
        KnownMistake(
            "return torch.as_tensor(value).detach().cpu().float()",
            "a tensor without dimensions stays one without: give it one dimension",
        ),
        KnownMistake(
            "return torch.as_tensor(value).detach().cpu().reshape(-1)",
            "the dtype is still that of the value: float32 was asked for",
        ),
        KnownMistake(
            "return torch.as_tensor(value).detach().cpu().float()[None]",
            "[None] adds a dimension also where there is one already",
        ),
        KnownMistake(
            """
            value = torch.as_tensor(value).detach().cpu().float()
            return value.tolist() if value.ndim else [value.item()]
            """,
            "vis.line takes a list too, but a tensor was asked for",
        ),
        KnownMistake(
            "return torch.as_tensor(value).detach().cpu().half().float().reshape(-1)",
            "the numbers went through float16, which has three digits and ends at 65,504",
        ),
        KnownMistake(
            "return torch.as_tensor(value).detach().cpu().bfloat16().float().reshape(-1)",
            "the numbers went through bfloat16, which has two to three digits",
        ),
    ),
    rejected=(
        RejectedAnswer(
            "return torch.as_tensor(value).detach().float().reshape(-1)", "still on the GPU"
        ),
        RejectedAnswer(
            "return torch.as_tensor(value).detach().to(torch.float32).reshape(-1)",
            "still on the GPU",
        ),
        RejectedAnswer(
            """
            if not isinstance(value, torch.Tensor):
                return torch.tensor([float(value)])
            return torch.from_numpy(value.detach().float().numpy()).reshape(-1)
            """,
            "Tensor.cpu()",
        ),
        RejectedAnswer(
            """
            with torch.no_grad():
                return torch.atleast_1d(torch.as_tensor(value).cpu().float())
            """,
            "still carries the gradient",
        ),
        RejectedAnswer("return [value.item()]", "AttributeError"),
        RejectedAnswer("return torch.tensor([float(value)])", "converted"),
    ),
)
