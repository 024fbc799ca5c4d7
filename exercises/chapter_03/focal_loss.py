from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from exercises._samples import floats
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, as_module


def _look_at_loss(result: Any, gamma: float) -> Any:
    """A loss on five samples, and its gradient for the first of them."""
    module = as_module(result)
    scores = floats(5, 3, seed=9).requires_grad_()
    loss = module(scores, torch.tensor([0, 2, 1, 1, 0]))
    if loss is ...:
        return loss
    if not isinstance(loss, torch.Tensor):
        advice = ", without .item(), or nothing can be learned from it"
        raise Unfit(
            f"the loss is a {type(loss).__name__}; return a tensor"
            f"{advice if isinstance(loss, int | float) else ''}"
        )
    if not loss.requires_grad:
        raise Unfit("the loss carries no gradient, so nothing could be learned from it")
    gradient = torch.autograd.grad(loss.sum(), scores, allow_unused=True)[0]
    if gradient is None:
        raise Unfit("the loss does not depend on the scores; calculate it from them")
    return loss.detach(), gradient[0]


exercise = ModuleExercise(
    "FocalLoss(gamma)",
    title="a loss as a module",
    prompt="""
        The **focal loss** is a cross entropy that hardly counts what is already right. With
        *p*, the probability given to the true class, a sample costs
        `(1 - p) ** gamma * -log(p)`. Write it as a module `FocalLoss(gamma)`, called with
        scores and labels; it returns the mean over the samples.
    """,
    skeleton='''
        class FocalLoss(nn.Module):
            """scores: (samples, classes). labels: (samples,). Returns a 0-d tensor."""

            def __init__(self, gamma):
                super().__init__()
                self.gamma = gamma

            def forward(self, scores, labels):
                return ...
    ''',
    cases=[lambda: (0.0,), lambda: (2.0,)],
    look=_look_at_loss,
    then="the loss of five samples of three classes, and the first sample's gradient",
    hints=(
        'F.cross_entropy(scores, labels, reduction="none") gives -log(p) of each sample.',
        "If entropy is -log(p), then p is (-entropy).exp().",
        "((1 - p) ** self.gamma * entropy).mean()",
    ),
)


@exercise.answer(why="cross_entropy without reduction is -log(p), so p is exp of its negative.")
class FocalLoss(nn.Module):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma

    def forward(self, scores, labels):
        entropy = F.cross_entropy(scores, labels, reduction="none")
        right = (-entropy).exp()  # the probability of the true class
        return ((1 - right) ** self.gamma * entropy).mean()


@exercise.right
class _(nn.Module):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma

    def forward(self, scores, labels):
        logs = scores.log_softmax(dim=1).gather(1, labels[:, None])[:, 0]
        return (-logs * (1 - logs.exp()).pow(self.gamma)).mean()


@exercise.right
class _(nn.Module):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma

    def forward(self, scores, labels):
        p = F.softmax(scores, dim=1)[torch.arange(len(labels)), labels]
        return torch.mean((1 - p) ** self.gamma * -torch.log(p))


exercise.mistake(
    "p instead of 1 - p: this counts what is right already most of all",
    edit("(1 - right) **", "right **"),
)
exercise.mistake("this is the sum over the samples; the mean was asked for", edit("mean", "sum"))
exercise.mistake(
    "this is one loss for each sample; the mean was asked for",
    edit("((1 - right) ** self.gamma * entropy).mean()", "(1 - right) ** self.gamma * entropy"),
)
exercise.mistake(
    "the sign is wrong: -log(p) is already positive",
    edit("(1 - right) ** self.gamma", "-((1 - right) ** self.gamma)"),
)
exercise.mistake(
    "the mean comes last, after each sample was weighted",
    edit("((1 - right) ** self.gamma * entropy)", "(1 - right.mean()) ** self.gamma * entropy"),
)
exercise.mistake(
    "this is the cross entropy; gamma is not used",
    edit("((1 - right) ** self.gamma * entropy).mean()", "F.cross_entropy(scores, labels)"),
)

exercise.rejected("carries no gradient", edit("mean()", "mean().detach()"))
exercise.rejected(
    "the loss is a tuple; return a tensor",
    edit("((1 - right) ** self.gamma * entropy).mean()", "entropy, right"),
)
exercise.rejected(
    "the loss does not depend on the scores",
    edit("((1 - right) ** self.gamma * entropy).mean()", "torch.zeros((), requires_grad=True) * 1"),
)
exercise.rejected("without .item()", edit("mean()", "mean().item()"))
