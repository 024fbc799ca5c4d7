"""A stand-in for a tensor on a GPU, for checks that have to work without one.

Its values lie on the CPU; it says that they do not, refuses what a tensor on a GPU refuses,
and stays a stand-in until it is copied to the CPU, as `.cpu()` does.
"""

from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_MAKERS = (torch.as_tensor, torch.asarray, torch.tensor)
_TO_NUMPY = (torch.Tensor.numpy, torch.Tensor.__array__)
_PLACES = {
    torch.Tensor.device.__get__: torch.device("cuda", 0),
    torch.Tensor.is_cuda.__get__: True,
    torch.Tensor.is_cpu.__get__: False,
}


class TensorOnGPU(torch.Tensor):
    """Make one with `tensor.as_subclass(TensorOnGPU)`; use it inside `Making`."""

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None) -> Any:
        """Answer as a tensor on a GPU would."""
        kwargs = kwargs or {}
        if function in _PLACES:
            return _PLACES[function]
        if function in _TO_NUMPY:
            raise TypeError(
                "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the "
                "tensor to host memory first."
            )
        with torch._C.DisableTorchFunctionSubclass():
            result = function(*args, **kwargs)
        if function is torch.Tensor.copy_:
            return args[0]
        moved = function is torch.Tensor.cpu
        if function in (torch.Tensor.to, torch.Tensor.type):
            moved = _names_the_cpu(args[1:], kwargs)
        return _placed(result, torch.Tensor if moved else cls)


class Making(TorchFunctionMode):
    """While this is entered, `torch.as_tensor` and its like know the stand-in."""

    def __torch_function__(self, function, types, args=(), kwargs=None) -> Any:
        """Make a tensor of a stand-in where the stand-in lies, or where it is told to."""
        kwargs = kwargs or {}
        if function not in _MAKERS or not args or not isinstance(args[0], TensorOnGPU):
            return function(*args, **kwargs)
        result = function(args[0].as_subclass(torch.Tensor), *args[1:], **kwargs)
        moved = _names_the_cpu(args[1:], kwargs)
        return _placed(result, torch.Tensor if moved else TensorOnGPU)


def _placed(result: Any, kind: type) -> Any:
    """The result, on the CPU or not; what is no tensor stays as it is."""
    return result.as_subclass(kind) if isinstance(result, torch.Tensor) else result


def _names_the_cpu(args: tuple, kwargs: dict) -> bool:
    """Whether the arguments of `.to`, `.type` or `as_tensor` name the CPU."""
    named = [*args, *kwargs.values()]
    plain = [one for one in named if type(one) is torch.Tensor]
    words = [str(one) for one in named if isinstance(one, (str, torch.device))]
    types = [one for one in named if isinstance(one, type) or str(one).startswith("torch.Float")]
    return bool(plain or types or any(word.startswith("cpu") for word in words))
