"""A loss is one number in a tensor, and to learn from it, one with a graph."""

from torch import Tensor


def checked_loss(loss: object) -> Tensor:
    """Return the loss; raises TypeError or ValueError when it is not one number in a tensor."""
    if not isinstance(loss, Tensor):
        raise TypeError(
            f"the loss function gave {type(loss).__name__}; it must give a tensor of no dimension."
        )
    if loss.dim():
        raise ValueError(
            f"the loss function gave a tensor {tuple(loss.shape)}; it must give one number, the "
            "mean over the batch: take .mean() of it, or leave out reduction='none'."
        )
    if loss.is_complex():
        raise ValueError(
            "the loss function gave a complex number; it must give a real one, since only those "
            "are smaller or larger: take .abs() or .real of it."
        )
    return loss


def learnable_loss(loss: object) -> Tensor:
    """Return the loss as `checked_loss` does; raises ValueError when nothing can learn from it."""
    if isinstance(loss, Tensor) and loss.requires_grad and not (loss.dim() or loss.is_complex()):
        return loss  # nearly always: one call less in each step
    if not checked_loss(loss).requires_grad:
        raise ValueError(
            "the loss does not depend on any parameter that requires gradients, so nothing can be "
            "learnt. Look for torch.no_grad(), .detach() or .item() in the model, the loss or "
            "around fit, and for parameters with requires_grad=False."
        )
    return loss
