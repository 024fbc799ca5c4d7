import math

from torch import nn

from helpers.grading.exercise import Exercise


def _half_frozen() -> nn.Module:
    """A network with a frozen layer and with running statistics."""
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 5))
    model[0].requires_grad_(False)
    return model


def _tied() -> nn.Module:
    """Two layers that share one weight."""
    model = nn.ModuleDict({"read": nn.Embedding(6, 3), "write": nn.Linear(3, 6)})
    model["write"].weight = model["read"].weight
    return model


exercise = Exercise(
    "count_parameters(model)",
    title="how many numbers are learned?",
    prompt="""
        Write `count_parameters(model)`: a tuple of two whole numbers. The first counts the
        numbers that are learned, the second those in parameters that are frozen
        (`requires_grad` is False). Buffers do not count; a parameter that two layers share
        counts once.
    """,
    shapes="model: any nn.Module. Returns (learned, frozen), two ints.",
    cases=[lambda: (_half_frozen(),), lambda: (_tied(),)],
    hints=(
        "model.parameters() gives all of them, shared ones once.",
        "parameter.numel() is how many numbers it holds, parameter.requires_grad says which.",
        "sum(p.numel() for p in model.parameters() if …)",
    ),
)


@exercise.answer(
    why="parameters() visits each parameter once and no buffer; numel() counts its numbers."
)
def count_parameters(model):
    learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    return learned, frozen


@exercise.right
def _(model):
    counts = {True: 0, False: 0}
    for _, parameter in model.named_parameters():
        counts[parameter.requires_grad] += parameter.numel()
    return counts[True], counts[False]


@exercise.right
def _(model):
    total = sum(math.prod(p.shape) for p in model.parameters())
    learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return learned, total - learned


@exercise.mistake("these are tensors; each holds numel() numbers")
def _(model):
    learned = len([p for p in model.parameters() if p.requires_grad])
    return learned, len(list(model.parameters())) - learned


@exercise.mistake("the state_dict holds buffers too, and shared parameters twice")
def _(model):
    learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return learned, sum(t.numel() for t in model.state_dict().values()) - learned


exercise.mistake(
    "frozen parameters are not learned: look at requires_grad",
    lambda model: (sum(p.numel() for p in model.parameters()), 0),
)


@exercise.mistake("the two counts are exchanged: learned first, then frozen")
def _(model):
    learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return sum(p.numel() for p in model.parameters()) - learned, learned


@exercise.mistake("the first number counts the frozen ones too")
def _(model):
    total = sum(p.numel() for p in model.parameters())
    return total, sum(p.numel() for p in model.parameters() if not p.requires_grad)


@exercise.mistake(
    "in a state_dict nothing requires a gradient, and buffers are there too; use parameters()"
)
def _(model):
    saved = model.state_dict().values()
    learned = sum(t.numel() for t in saved if t.requires_grad)
    return learned, sum(t.numel() for t in saved) - learned


exercise.rejected("the type is int", lambda model: sum(p.numel() for p in model.parameters()))


@exercise.rejected("Got: (42, 0)")
def _(model):
    parts = [p for child in model.children() for p in child.parameters()]
    learned = sum(p.numel() for p in parts if p.requires_grad)
    return learned, sum(p.numel() for p in parts) - learned
