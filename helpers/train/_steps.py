"""Mixed precision: the forward pass in 16 bits, and for float16 a loss scaled against underflow."""

from contextlib import nullcontext

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer


class Precision:
    """How the forward and the backward pass and the step are computed.

    `amp` None: as the model is. `torch.bfloat16`: autocast. `torch.float16`: autocast, and a
    `GradScaler`, since small gradients would become zero. Raises ValueError for anything else.
    """

    def __init__(self, amp: torch.dtype | None, device: torch.device | None) -> None:
        if amp not in (None, torch.bfloat16, torch.float16):
            raise ValueError(f"amp is {amp!r}; give torch.bfloat16, torch.float16 or None.")
        kind = "cpu" if device is None else device.type
        self.autocast = nullcontext() if amp is None else torch.autocast(kind, dtype=amp)
        self.scaler = torch.amp.GradScaler(kind) if amp is torch.float16 else None

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of the loss to the parameters' `.grad`."""
        loss = loss if self.scaler is None else self.scaler.scale(loss)
        loss.backward()

    def step(self, optimizer: Optimizer, clip_norm: float | None) -> None:
        """Clip the gradients' common norm, where asked for, and let the optimiser step."""
        if clip_norm is not None:
            if self.scaler is not None:
                self.scaler.unscale_(optimizer)
            clip_grad_norm_(parameters_of(optimizer), clip_norm)
        if self.scaler is None:
            optimizer.step()
        else:
            self.scaler.step(optimizer)
            self.scaler.update()


def parameters_of(optimizer: Optimizer) -> list[Tensor]:
    """Return every parameter that the optimiser steps."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
