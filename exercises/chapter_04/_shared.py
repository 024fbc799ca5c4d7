"""What several exercises of chapter 04 use."""

from typing import Any

import torch
from torch import nn


def watched(model: Any) -> Any:
    """The same model; `calls` notes how many samples each call gets, and what became of it.

    A call is a dictionary: "inputs", "samples" (their number), "graph" (whether one was
    recorded), "open" (how many calls before it still waited for their `backward`),
    "learning" (whether a part was in training mode).
    """
    model.calls = []
    done: list[bool] = []

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
