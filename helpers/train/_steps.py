"""One training step: forward pass and loss in a precision, backward pass, update of the weights."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer
from torch.overrides import TorchFunctionMode

from helpers._validation import shown
from helpers.train._batches import described, device_of, move
from helpers.train.metrics import IGNORED

ELEMENTWISE = (
    *(functional.mse_loss, functional.l1_loss, functional.smooth_l1_loss, functional.huber_loss),
    *(functional.binary_cross_entropy, functional.binary_cross_entropy_with_logits),
)
CLASSIFYING = (functional.cross_entropy, functional.nll_loss)
LOSS_SETTINGS = {"reduction": None, "weight": None, "ignore_index": IGNORED}


class ForwardPass:
    """The scores of a model for a batch, and their loss.

    Args:
        model: Where its first parameter lies, the batches go.
        loss_function: A function of (scores, targets), the mean over a batch.
        amp: torch.bfloat16 or torch.float16 for mixed precision: autocast. None: as the model is.

    Raises:
        ValueError: for another `amp`.
    """

    def __init__(
        self,
        model: nn.Module,
        loss_function: Callable[[Tensor, Tensor], Tensor],
        amp: torch.dtype | None,
    ) -> None:
        if not (amp is None or amp is torch.bfloat16 or amp is torch.float16):
            given = amp if isinstance(amp, torch.dtype) else shown(amp)
            raise ValueError(f"amp is {given}; give torch.bfloat16, torch.float16 or None.")
        self.model = model
        self.loss_function = loss_function
        self.amp = amp
        self.device = device_of(model)
        kind = "cpu" if self.device is None else self.device.type
        self._precision = nullcontext() if amp is None else torch.autocast(kind, dtype=amp)
        self._is_shape_checked = False

    def __call__(self, inputs: object, targets: Any) -> tuple[Any, Any, Tensor]:
        """Return scores, the targets on the model's device, and the loss: 0-d, real.

        Raises:
            TypeError: when the loss is not a tensor.
            ValueError: when it is not one real number, or compares each score with each target.
                What the model or the loss itself raises gets a note on the batch.
        """
        scores: Any = None
        try:
            inputs, targets = move(inputs, self.device), move(targets, self.device)
            with self._precision:
                scores = self.model(inputs)
                if self._is_shape_checked:
                    loss = self.loss_function(scores, targets)
                else:
                    loss = self._shape_checked_loss(scores, targets)
            if not isinstance(loss, Tensor) or loss.dim() or loss.is_complex() or loss.is_meta:
                raise _wrong_loss(loss)
        except Exception as error:
            error.add_note(_batch_note(self.model, inputs, targets, scores))
            raise
        return scores, targets, loss

    def _shape_checked_loss(self, scores: Any, targets: Any) -> Tensor:
        """Return the loss of a batch that may be the first that shows a wrong shape."""
        if not (isinstance(scores, Tensor) and isinstance(targets, Tensor)):
            return self.loss_function(scores, targets)
        # One sample broadcasts to the same result: a later batch will show.
        self._is_shape_checked = scores.dim() == 0 or scores.size(0) > 1
        if scores.shape == targets.shape:
            return self.loss_function(scores, targets)
        watch = _BroadcastWatch(scores, targets)
        with watch:
            loss = self.loss_function(scores, targets)
        if watch.is_found:
            raise ValueError(
                f"the loss compares scores {tuple(scores.shape)} with targets "
                f"{tuple(targets.shape)}, which broadcasts: each score meets the targets of other "
                "samples; give both one shape, as scores.squeeze(1) or targets.unsqueeze(1) do."
            )
        return loss


class _BroadcastWatch(TorchFunctionMode):
    """Finds out whether scores and targets of two shapes meet in one elementwise operation."""

    def __init__(self, scores: Tensor, targets: Tensor) -> None:
        super().__init__()
        self._shapes = {scores.shape, targets.shape}
        self._largest = max(scores.numel(), targets.numel())
        self.is_found = False

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        given = {each.shape for each in (*args, *kwargs.values()) if isinstance(each, Tensor)}
        result = function(*args, **kwargs)
        if given >= self._shapes:
            grows = isinstance(result, Tensor) and result.numel() > self._largest
            self.is_found |= grows or function in ELEMENTWISE
        return result


def _wrong_loss(loss: object) -> TypeError | ValueError:
    """Return the error for a loss that is not one real number in a tensor."""
    if not isinstance(loss, Tensor):
        return TypeError(
            f"the loss function gave {type(loss).__name__}; it must give a tensor of no dimension."
        )
    if loss.dim():
        return ValueError(
            f"the loss function gave a tensor {tuple(loss.shape)}; it must give one number, the "
            "mean over the batch: take .mean() of it, or leave out reduction='none'."
        )
    if loss.is_meta:
        return ValueError(
            "the loss lies on the device 'meta', where tensors hold no numbers; give inputs and "
            "targets that hold some."
        )
    return ValueError(
        "the loss function gave a complex number; it must give a real one, since only those "
        "are smaller or larger: take .abs() or .real of it."
    )


class LossWeights:
    """How much the mean loss of a batch counts in the mean over several.

    A loss with class weights or an `ignore_index` (`CrossEntropyLoss`, `NLLLoss`, their
    functions, and `functools.partial` of these) is a mean over what it divides by: the weights of
    the targets, or the number of those that are not ignored. Any other is taken for a mean over
    the samples.
    """

    def __init__(self, loss_function: object) -> None:
        settings = settings_of(loss_function)
        self.ignore_index: int = settings["ignore_index"]
        self.is_over_samples = not settings["is_classifying"]
        self._class_weights: Tensor | None = settings["weight"]

    def of(self, targets: object, size: int) -> Tensor | float:
        """Return what the loss of a batch with these targets divides by, `size` samples."""
        if self.is_over_samples or not isinstance(targets, Tensor):
            return size
        if targets.is_floating_point():  # probabilities of classes
            return targets.numel() / targets.size(1) if targets.dim() > 1 else size
        counts = targets != self.ignore_index
        if self._class_weights is None:
            return counts.count_nonzero()
        weights = self._class_weights.detach().to(targets.device)
        return weights[targets[counts].long()].sum()

    def are_samples(self, targets: object) -> bool:
        """Return whether the loss divides by the number of samples, as it nearly always does."""
        if self.is_over_samples or not isinstance(targets, Tensor):
            return True
        is_plain = self._class_weights is None and targets.dim() == 1
        return is_plain and not (targets == self.ignore_index).any()

    def shares(self, group: list[tuple[object, object, int]]) -> list[float | None]:
        """Return what part of a step's loss each of its batches is; None for all of it."""
        if len(group) == 1:
            return [None]
        try:
            weights = [float(self.of(targets, size)) for _, targets, size in group]
        except (IndexError, RuntimeError, TypeError):  # wrong targets: the loss will say of what
            weights = [size for _, _, size in group]
        total = sum(weights)
        return [weight / total if total else 0.0 for weight in weights]


def settings_of(loss_function: object) -> dict[str, Any]:
    """Return what is known of a loss: "reduction", "weight", "ignore_index" and "is_classifying".

    Known are modules, functions of `torch.nn.functional`, and `functools.partial` of both.
    """
    given: dict[str, Any] = {}
    while isinstance(loss_function, partial):
        given = {**loss_function.keywords, **given}
        loss_function = loss_function.func
    is_classifying = any(loss_function is each for each in CLASSIFYING)
    if isinstance(loss_function, nn.Module):
        is_classifying = isinstance(loss_function, nn.CrossEntropyLoss | nn.NLLLoss)
        given = {name: getattr(loss_function, name, None) for name in LOSS_SETTINGS}
    known = {**LOSS_SETTINGS, **given}
    if not is_classifying:  # others have no ignore_index, and divide by the samples
        return {**LOSS_SETTINGS, "reduction": known["reduction"], "is_classifying": False}
    return {**known, "is_classifying": True}


class Update:
    """The backward pass and the step of an optimiser, with a `GradScaler` for float16.

    Small gradients would become zero in float16, so that the loss is scaled.

    Args:
        optimizer: What steps.
        clip_norm: The greatest 2-norm of all gradients together; None for no limit.
        forward: Whose precision and device count.
    """

    def __init__(self, optimizer: Optimizer, clip_norm: float | None, forward: ForwardPass) -> None:
        self.optimizer = optimizer
        self.clip_norm = clip_norm
        kind = "cpu" if forward.device is None else forward.device.type
        self.scaler = torch.amp.GradScaler(kind) if forward.amp is torch.float16 else None
        if self.scaler and any(each.dtype == torch.float16 for each in parameters_of(optimizer)):
            raise ValueError(
                "amp=torch.float16 keeps the parameters in float32, and the optimiser holds some "
                "in float16; make the model without .half(), or leave out amp."
            )

    def backward(self, loss: Tensor, share: float | None = None) -> None:
        """Add the gradients of the loss, times its share, to the parameters' `.grad`.

        Raises:
            ValueError: when nothing can be learnt from the loss.
        """
        if not loss.requires_grad:
            raise ValueError(
                "the loss does not depend on any parameter that requires gradients, so nothing can "
                "be learnt. Look for torch.no_grad(), .detach() or .item() in the model, the loss "
                "or around fit, and for parameters with requires_grad=False."
            )
        if share is not None:
            if not share:  # no target in it counts: the loss is nan, 0 / 0
                return
            loss = loss * share
        loss = loss if self.scaler is None else self.scaler.scale(loss)
        loss.backward()

    def step(self) -> bool:
        """Clip the gradients, where asked for, and step; return whether the weights changed.

        They do not where a gradient in float16 is infinite: the scaler takes a smaller scale.
        """
        if self.scaler is not None:
            return self._step_scaled(self.scaler)
        if self.clip_norm is not None:
            clip_grad_norm_(parameters_of(self.optimizer), self.clip_norm)
        self.optimizer.step()
        return True

    def _step_scaled(self, scaler: torch.amp.GradScaler) -> bool:
        if self.clip_norm is not None:
            scaler.unscale_(self.optimizer)
            clip_grad_norm_(parameters_of(self.optimizer), self.clip_norm)
        before = scaler.get_scale()
        scaler.step(self.optimizer)
        scaler.update()
        return scaler.get_scale() >= before > 0


def parameters_of(optimizer: Optimizer) -> list[Tensor]:
    """Return every parameter that the optimiser steps."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


@contextmanager
def mode(model: nn.Module, training: bool) -> Iterator[None]:
    """Put the model into training or evaluation mode, and each module back into its own.

    What its owner froze with `eval()` stays in evaluation mode: a part of a model that is in
    training mode, or one whose own parameters require no gradient.
    """
    before = [(module, module.training) for module in model.modules()]
    was_training = model.training
    model.train(training)
    try:
        for module, training_before in before if training else ():
            if not training_before and (was_training or _is_frozen(module)):
                module.training = False
        yield
    finally:
        for module, training_before in before:
            module.training = training_before


def _is_frozen(module: nn.Module) -> bool:
    """Return whether a module has parameters of its own, none of which is learnt."""
    own = list(module.parameters(recurse=False))
    return bool(own) and not any(parameter.requires_grad for parameter in own)


def _batch_note(model: nn.Module, inputs: object, targets: object, scores: object) -> str:
    """Return what the batch was that could not be computed, and what was expected of it."""
    found = [f"inputs: {_kind(inputs)}", f"targets: {_kind(targets)}"]
    if scores is not None:
        found.insert(1, f"scores: {_kind(scores)}")
    first = next(model.parameters(), None)
    if first is not None:
        found.append(f"the model's parameters: {first.dtype} on {first.device}")
    expected = ""
    with suppress(Exception):  # on a GPU whose kernel failed, nothing can be read any more
        if any(isinstance(each, Tensor) and each.is_meta for each in (inputs, targets)):
            expected = "Expected tensors that hold numbers: those on 'meta' have none."
        elif scores is None:
            expected = _expected_inputs(model, inputs, first)
        else:
            expected = _expected_targets(scores, targets)
    return f"This batch had {'; '.join(found)}." + (f" {expected}" if expected else "")


def _kind(value: object) -> str:
    if isinstance(value, Tensor):
        return f"{value.dtype} {tuple(value.shape)} on {value.device}"
    return described(value)


def _expected_inputs(model: nn.Module, inputs: object, first: Tensor | None) -> str:
    """Return what the model expects of its inputs, where they do not have it."""
    if not isinstance(inputs, Tensor):
        return ""
    has_parameters = (each for each in model.modules() if [*each.parameters(recurse=False)])
    layer = next(has_parameters, None)
    if first is not None and not isinstance(layer, nn.Embedding) and inputs.dtype != first.dtype:
        scale = " / 255" if inputs.dtype == torch.uint8 else ""
        return f"Expected inputs of {first.dtype}: give inputs.to({first.dtype}){scale}."
    if isinstance(layer, nn.Linear) and inputs.shape[-1:] != (layer.in_features,):
        return (
            f"The first layer expects inputs (batch, {layer.in_features}): give inputs.flatten(1), "
            "or another layer."
        )
    if isinstance(layer, nn.Conv2d) and (inputs.dim() != 4 or inputs.size(1) != layer.in_channels):
        return (
            f"The first layer expects inputs (batch, {layer.in_channels}, height, width): give "
            "inputs.unsqueeze(1) for images of one channel."
        )
    return ""


def _expected_targets(scores: object, targets: object) -> str:
    """Return what a loss over these scores expects of its targets."""
    if not (isinstance(scores, Tensor) and isinstance(targets, Tensor)) or scores.dim() < 2:
        return ""
    expected = f"0 to {scores.size(1) - 1}, int64 (batch,)"
    if not targets.is_floating_point() and not targets.is_complex() and targets.numel():
        expected += f", and the targets are {targets.min().item()} to {targets.max().item()}"
    return (
        f"A loss over classes expects class numbers {expected}; one over values expects targets of "
        f"{scores.dtype} in the shape of the scores."
    )
