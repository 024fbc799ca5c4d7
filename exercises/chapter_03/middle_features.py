from typing import Any

import torch
from torch import nn

from exercises.chapter_03._shared import digit_images
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, Unfit, filled


def _digit_network(training: bool) -> nn.Module:
    """A small network with batch norm that has seen some digits."""
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 6, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(54, 10),
    )
    filled(model)(digit_images(16)[0])  # moves the running statistics
    return model.train(training)


def _one_channel() -> nn.Module:
    """A layer with a single channel, in evaluation mode."""
    return filled(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Tanh())).eval()


def _demand_untouched(model: nn.Module, was_training: bool) -> None:
    """Refuse a model that was left with hooks or in another mode."""
    layers = list(model.modules())
    if any(layer._forward_hooks or layer._forward_pre_hooks for layer in layers):
        raise Unfit("the hook is still on the model; keep the handle and call remove()")
    if any(layer.training != was_training for layer in layers):
        raise Unfit("the model was left in another mode than it came in")


def _look_at_features(result: Any, model: nn.Module, images: torch.Tensor, _: str) -> Any:
    """The features, when the model was left as it was."""
    _demand_untouched(model, was_training=len(images) == 12)
    return result


exercise = ModuleExercise(
    "middle_features(model, images, name)",
    title="the features of a middle layer",
    prompt="""
        Write `middle_features(model, images, name)`: run the model on the images, and with
        a forward hook take the output of the layer called `name`. Return its mean over
        rows and columns: one number for each image and channel. The model must work as in
        use (`eval()`, no gradient), and be left as it came: no hook on it, in the same
        mode. `model.get_submodule(name)` finds the layer.
    """,
    shapes="images: (batch, 1, 8, 8). Returns (batch, channels), without gradient.",
    cases=[
        lambda: (_digit_network(training=True), digit_images(12)[0], "1"),
        lambda: (nn.Sequential(_digit_network(False)).eval(), digit_images(9)[0], "0.3"),
        lambda: (_digit_network(training=False), digit_images(1)[0], "3"),
        lambda: (_one_channel(), digit_images(5)[0], "0"),
    ],
    look=_look_at_features,
    hints=(
        "A hook is a function (layer, inputs, output). It can append output to a list.",
        "register_forward_hook returns a handle; handle.remove() takes the hook off.",
        "Remember model.training before model.eval(), and give it back with model.train(…).",
        "caught[0].mean(dim=(2, 3)) averages over rows and columns.",
    ),
)


@exercise.answer(why="The hook sees what passes; handle.remove() and train(was_training) clean up.")
def middle_features(model, images, name):
    caught = []

    def keep(layer, inputs, output):
        caught.append(output)

    handle = model.get_submodule(name).register_forward_hook(keep)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    model.train(was_training)
    return caught[0].mean(dim=(2, 3))


@exercise.right
def with_the_mean_in_the_hook(model, images, name):
    caught = []

    def hook(layer, inputs, output):
        caught.append(output.mean(dim=(2, 3)))

    handle = model.get_submodule(name).register_forward_hook(hook)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    model.train(was_training)
    return caught[0]


@exercise.right
def _(model, images, name):
    was_training, found = model.training, {}
    layer = dict(model.named_modules())[name]
    handle = layer.register_forward_hook(lambda m, i, o: found.update(o=o.detach()))
    try:
        model.eval()(images)
    finally:
        handle.remove()
        model.train(was_training)
    return found["o"].flatten(2).mean(dim=2)


exercise.mistake(
    "each further call would add one more hook",
    edit("handle.remove()", "", of=with_the_mean_in_the_hook),
)
exercise.mistake(
    "was it training? model.training says so before, model.train(…) sets it after",
    edit("model.train(was_training)", "", of=with_the_mean_in_the_hook),
)
exercise.mistake(
    "in train() batch norm uses this batch; call model.eval() first",
    edit("eval", "train", of=with_the_mean_in_the_hook),
)
exercise.mistake(
    "the mean over rows and columns, dimensions 2 and 3, is missing",
    edit("output.mean(dim=(2, 3))", "output", of=with_the_mean_in_the_hook),
)
exercise.mistake(
    "this is what goes into the layer; the output comes last in the hook",
    edit("output.mean", "inputs[0].mean", of=with_the_mean_in_the_hook),
)
exercise.mistake(
    "dimension 1 holds the channels; rows and columns are 2 and 3",
    edit("dim=(2, 3)", "dim=1", of=with_the_mean_in_the_hook),
)

exercise.mistake(
    "squeeze() without a dimension also removes a batch of one image, or a single channel",
    edit("caught[0]", "caught[0].squeeze()", of=with_the_mean_in_the_hook),
)

exercise.rejected(
    "the model was left in another mode",
    edit(
        "model.train(was_training)", "model.training = was_training", of=with_the_mean_in_the_hook
    ),
)
exercise.rejected(
    "still carries the gradient", edit("no_grad", "enable_grad", of=with_the_mean_in_the_hook)
)
