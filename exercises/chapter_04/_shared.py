"""What several exercises of chapter 04 use."""

from typing import Any

import numpy
import torch
from torch import nn


def as_float(result: Any, *_: Any) -> Any:
    """A number, whether whole or of NumPy, as a float; anything else as it is."""
    if isinstance(result, int | float | numpy.number) and not isinstance(result, bool):
        return float(result)
    return result


def as_tuple(result: Any, *_: Any) -> Any:
    """A list as a tuple; anything else as it is."""
    return tuple(result) if isinstance(result, list) else result


def watched(model: nn.Module) -> nn.Module:
    """The same model; `calls` notes how many samples each call gets, and what became of it.

    A call is a dictionary: "inputs", "samples" (their number), "graph" (whether one was
    recorded), "open" (how many calls before it still waited for their `backward`),
    "learning" (whether a part was in training mode).
    """
    model.calls, done = [], []

    def note(called: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        waiting = sum(call["graph"] for call in model.calls) - len(done)
        samples, graph = len(inputs[0]), output.requires_grad
        learning = any(module.training for module in called.modules())
        call = {"samples": samples, "graph": graph, "open": waiting, "learning": learning}
        model.calls.append({"inputs": inputs[0].detach().clone(), **call})
        if graph:
            output.register_hook(lambda _: done.append(True))

    model.register_forward_hook(note)
    return model
