from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from exercises.chapter_03._shared import digit_images
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit


def _template_network(training: bool) -> nn.Module:
    """A classifier that compares an image with the mean image of each digit."""
    images, labels = digit_images(400)
    means = torch.stack([images[labels == k].mean(dim=0).flatten() for k in range(10)])
    layer = nn.Linear(64, 10)
    with torch.no_grad():
        layer.weight.copy_(means)
        layer.bias.copy_(-means.pow(2).sum(dim=1) / 2)
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.6), layer).train(training)

    def note(model: Any, _: Any, output: torch.Tensor) -> None:
        model.saw_gradient = output.requires_grad
        model.was_training = any(layer.training for layer in model.modules())

    model.register_forward_hook(note)
    return model


def _in_other_rows(count: int, columns: int) -> tuple:
    """The same with images of 16 rows and 4 columns, so that the two differ."""
    images, labels = digit_images(count)
    return _template_network(training=True), images.reshape(count, 1, 16, 4), labels, columns


def _look_at_accuracy(result: Any, model: nn.Module, *_: Any) -> Any:
    """The accuracy, when the model was left as it was."""
    if getattr(model, "saw_gradient", False):
        raise Unfit("the model worked with gradients; put it in torch.no_grad()")
    if getattr(model, "was_training", False):
        raise Unfit("the model worked in train(), where dropout is active")
    return result


exercise = ModuleExercise(
    "accuracy_when_shifted(model, images, labels, columns)",
    title="accuracy on moved digits",
    prompt="""
        Write `accuracy_when_shifted(model, images, labels, columns)`: move every image to
        the right by so many columns (to the left when negative). What leaves the image is
        lost; zeros come in on the other side. Return the share of images that the model
        then classifies rightly, a float. The model must work as in use, `eval()` and
        without gradient, and may stay so.
    """,
    shapes="images: (batch, 1, height, width). labels: (batch,). Returns a float.",
    cases=[
        lambda: (_template_network(training=True), *digit_images(150), 3),
        lambda: (_template_network(training=True), *digit_images(200), -1),
        lambda: (_template_network(training=False), *digit_images(100), 0),
        lambda: (_template_network(training=True), *digit_images(1), 2),
        lambda: (_template_network(training=True), *digit_images(300), -4),
        lambda: _in_other_rows(120, 1),
    ],
    look=_look_at_accuracy,
    hints=(
        "torch.roll would bring in on one side what leaves on the other.",
        "F.pad(images, (left, right)) adds columns of zeros; a negative number cuts off.",
        "F.pad(images, (columns, -columns)), then model.eval() and torch.no_grad()",
    ),
)


@exercise.answer(
    why="F.pad adds zeros on one side and, with a negative number, cuts off the other."
)
def accuracy_when_shifted(model, images, labels, columns):
    moved = F.pad(images, (columns, -columns))
    model.eval()
    with torch.no_grad():
        scores = model(moved)  # (batch, classes)
    return (scores.argmax(dim=1) == labels).float().mean().item()


@exercise.right
def _(model, images, labels, columns):
    moved, width = torch.zeros_like(images), images.shape[3]
    target = slice(max(columns, 0), width + min(columns, 0))
    source = slice(max(-columns, 0), width - max(columns, 0))
    moved[..., target] = images[..., source]
    with torch.inference_mode():
        right = model.eval()(moved).max(dim=1).indices == labels
    return right.sum().item() / len(labels)


@exercise.right
def _(model, images, labels, columns):
    moved = images.roll(columns, dims=3)
    if columns > 0:
        moved[..., :columns] = 0
    if columns < 0:
        moved[..., columns:] = 0
    with torch.no_grad():
        return float((model.eval()(moved).argmax(1) == labels).double().mean())


exercise.right(edit("return", "model.train()\nreturn"))

exercise.mistake(
    "roll brings in on one side what leaves on the other; zeros should come in",
    edit("F.pad(images, (columns, -columns))", "images.roll(columns, dims=3)"),
)
exercise.mistake(
    "this moves to the left; the first number of F.pad is the left side",
    edit("(columns, -columns)", "(-columns, columns)"),
)
exercise.mistake(
    "this moves the rows down; columns are the last dimension",
    edit("(columns, -columns)", "(0, 0, columns, -columns)"),
)
exercise.rejected(
    "zeros should come in",
    edit(
        "F.pad(images, (columns, -columns))",
        "images.roll(columns, dims=3)\nmoved[..., : max(columns, 0)] = 0",
    ),
)
exercise.mistake(
    "in train() dropout is at work; call model.eval() first",
    edit("model.eval()", "model.train()"),
)
exercise.mistake("the images were not moved", edit("F.pad(images, (columns, -columns))", "images"))
exercise.mistake("this is in percent; a share lies between 0 and 1", edit("return", "return 100 *"))

exercise.rejected("`.item()` makes it a number", edit("mean().item()", "mean()"))
exercise.rejected("the model worked in train()", edit("model.eval()", ""))
exercise.rejected("torch.no_grad()", edit("no_grad", "enable_grad"))
