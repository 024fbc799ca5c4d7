"""Exercises and predictions of chapter 03, nn layers."""

from itertools import pairwise
from typing import Any

import torch
from torch import nn

from helpers import data
from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.modules import ModuleExercise, Unfit, as_module, filled, shapes
from helpers.exercises.prediction import Choice, Prediction


def _integers(*shape: int, low: int = 0, high: int = 10, seed: int = 0) -> torch.Tensor:
    """Random int64 numbers from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, shape, generator=generator)


def _floats(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random float32 numbers with one decimal, from -3 to 3."""
    return _integers(*shape, low=-30, high=31, seed=seed) / 10


def _look_at_scale(result: Any, features: int) -> Any:
    """What a Scale computes with other parameters than it starts with."""
    module, values = as_module(result), _floats(4, features)
    if module(values) is ...:
        return ...
    names = sorted(name for name, _ in module.named_parameters())
    if names != ["bias", "weight"]:
        raise Unfit(f"the parameters are {names}; bias and weight were asked for")
    if "calls" not in dict(module.named_buffers()):
        raise Unfit("there is no buffer calls: use self.register_buffer")
    if module.weight.tolist() != [1.0] * features or module.bias.count_nonzero():
        raise Unfit("at first weight must hold ones, and bias zeros")
    output = filled(module)(values)
    if module.calls != 2:
        raise Unfit(f"calls is {module.calls.item()} after two calls")
    return output


SCALE = ModuleExercise(
    chapter="03",
    signature="Scale(features)",
    title="a module with parameters and a buffer",
    prompt="""
        Write the module `Scale(features)`. It multiplies each column of its input by a
        number of its own, and adds another. Both are learned: parameters `weight` (ones at
        first) and `bias` (zeros at first), of shape `(features,)`. A buffer `calls`, at
        first `torch.tensor(0)`, counts how often the module was called.
    """,
    skeleton='''
        class Scale(nn.Module):
            """values: (rows, features). Returns the same shape."""

            def __init__(self, features):
                super().__init__()
                ...

            def forward(self, values):
                return ...
    ''',
    cases=lambda: [(3,), (2,)],
    look=_look_at_scale,
    then="with other numbers in weight and bias, it was given four rows of values",
    model_answer="""
        class Scale(nn.Module):
            def __init__(self, features):
                super().__init__()
                self.weight = nn.Parameter(torch.ones(features))
                self.bias = nn.Parameter(torch.zeros(features))
                self.register_buffer("calls", torch.tensor(0))

            def forward(self, values):
                self.calls += 1
                return values * self.weight + self.bias
    """,
    why="nn.Parameter makes a tensor one that is learned; a buffer is saved but not learned.",
    hints=(
        "What is learned becomes an attribute of type nn.Parameter, in __init__.",
        'self.register_buffer("calls", torch.tensor(0)) makes the counter.',
        "In forward: self.calls += 1, then values * self.weight + self.bias",
    ),
    right=(
        """
        class Scale(nn.Module):
            def __init__(self, features):
                super().__init__()
                self.register_parameter("weight", nn.Parameter(torch.ones(features)))
                self.register_parameter("bias", nn.Parameter(torch.zeros(features)))
                self.register_buffer("calls", torch.tensor(0))

            def forward(self, values):
                self.calls = self.calls + 1
                return torch.addcmul(self.bias, values, self.weight)
        """,
        """
        class Scale(nn.Module):
            def __init__(self, features):
                super().__init__()
                self.bias = nn.Parameter(torch.full((features,), 0.0))
                self.weight = nn.Parameter(torch.full((features,), 1.0))
                self.calls = nn.Buffer(torch.tensor(0))

            def forward(self, values):
                self.calls.add_(1)
                return self.bias + self.weight * values
        """,
    ),
    slips=(
        Slip(
            """
            class Scale(nn.Module):
                def __init__(self, features):
                    super().__init__()
                    self.weight = torch.ones(features)
                    self.bias = torch.zeros(features)
                    self.register_buffer("calls", torch.tensor(0))

                def forward(self, values):
                    self.calls += 1
                    return values * self.weight + self.bias
            """,
            "a plain tensor is not registered; wrap it: nn.Parameter(torch.ones(features))",
        ),
        Slip(
            """
            class Scale(nn.Module):
                def __init__(self, features):
                    super().__init__()
                    self.weight = nn.Parameter(torch.ones(features))
                    self.bias = nn.Parameter(torch.zeros(features))
                    self.calls = 0

                def forward(self, values):
                    self.calls += 1
                    return values * self.weight + self.bias
            """,
            "a plain number is not saved with the module; calls must be a buffer",
        ),
        Slip(
            """
            class Scale(nn.Module):
                def __init__(self, features):
                    self.weight = nn.Parameter(torch.ones(features))
                    self.bias = nn.Parameter(torch.zeros(features))
            """,
            "super().__init__() must come first: it makes the places for parameters",
        ),
        Slip(
            """
            class Scale(nn.Module):
                def __init__(self, features):
                    super().__init__()
                    self.weight = nn.Parameter(torch.ones(features))
                    self.bias = nn.Parameter(torch.zeros(features))
                    self.register_buffer("calls", torch.tensor(0))

                def forward(self, values):
                    return values * self.weight + self.bias
            """,
            "calls is never increased",
        ),
    ),
    wrong=(
        Wrong(
            """
            class Scale(nn.Module):
                def __init__(self, features):
                    super().__init__()
                    self.weight = nn.Parameter(torch.zeros(features))
                    self.bias = nn.Parameter(torch.zeros(features))
                    self.register_buffer("calls", torch.tensor(0))

                def forward(self, values):
                    self.calls += 1
                    return values * self.weight + self.bias
            """,
            "at first weight must hold ones",
        ),
        Wrong("return torch.ones(features)", "an nn.Module was asked for"),
    ),
)


def _look_at_mlp(result: Any, sizes: list[int]) -> Any:
    """What an MLP computes, when its parameters have the right shapes."""
    module, values = as_module(result), _floats(5, sizes[0])
    if not list(module.parameters()):
        hidden = _holds_modules(list(vars(module).values()))
        if module(values) is ...:
            return ...
        if not hidden:
            raise Unfit("no layer is kept; make the layers in __init__, not in forward")
    pairs = list(pairwise(sizes))
    _demand_shapes(module, [(b, a) for a, b in pairs] + [(b,) for _, b in pairs])
    return filled(module)(values)


def _holds_modules(values: list) -> bool:
    """Whether there is a module in lists or dictionaries, where it is not registered."""
    inside = [v.values() if isinstance(v, dict) else v for v in values]
    groups = [list(v) for v in inside if isinstance(v, (list, tuple, type({}.values())))]
    return any(isinstance(v, nn.Module) for group in groups for v in group)


def _demand_shapes(module: nn.Module, wanted: list[tuple[int, ...]]) -> None:
    """Refuse a module whose parameters have other shapes, in whichever order."""
    found = shapes(module.parameters())
    if found != tuple(sorted(wanted)):
        raise Unfit(f"parameters() gives shapes {list(found)}; expected {sorted(wanted)}")


_MLP = """
    class MLP(nn.Module):
        def __init__(self, sizes):
            super().__init__()
            pairs = zip(sizes[:-1], sizes[1:])
            self.layers = {container}

        def forward(self, values):
            for layer in self.layers:
                {step}
            return {result}
"""


def _mlp(container: str, step: str, result: str) -> str:
    """An MLP that keeps its layers in `container`, with one `step` for each."""
    return _MLP.format(container=container, step=step, result=result)


_MODULE_LIST = "nn.ModuleList(nn.Linear(a, b) for a, b in pairs)"
_LAST_PLAIN = "values = layer(values) if layer is self.layers[-1] else layer(values).relu()"

MLP = ModuleExercise(
    chapter="03",
    signature="MLP(sizes)",
    title="as many layers as the list says",
    prompt="""
        Write the module `MLP(sizes)`: for `sizes = [4, 8, 8, 3]` it has three linear
        layers, 4 to 8, 8 to 8 and 8 to 3. A ReLU follows each of them but the last.
    """,
    skeleton='''
        class MLP(nn.Module):
            """values: (rows, sizes[0]). Returns (rows, sizes[-1])."""

            def __init__(self, sizes):
                super().__init__()
                ...

            def forward(self, values):
                return ...
    ''',
    cases=lambda: [([4, 8, 8, 3],), ([3, 2],)],
    look=_look_at_mlp,
    then="with other numbers in its parameters, it was given five rows of values",
    model_answer="""
        class MLP(nn.Module):
            def __init__(self, sizes):
                super().__init__()
                pairs = zip(sizes[:-1], sizes[1:])
                self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)

            def forward(self, values):
                for layer in self.layers[:-1]:
                    values = layer(values).relu()
                return self.layers[-1](values)
    """,
    why="A ModuleList registers its layers; the last one has no ReLU, so scores may be negative.",
    hints=(
        "zip(sizes[:-1], sizes[1:]) gives the pairs (4, 8), (8, 8), (8, 3).",
        "Keep the layers in an nn.ModuleList, not in a plain list.",
        "Loop over self.layers[:-1] with a relu, then apply self.layers[-1] without.",
    ),
    right=(
        """
        class MLP(nn.Module):
            def __init__(self, sizes):
                super().__init__()
                self.body = nn.Sequential()
                for place, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
                    if place:
                        self.body.append(nn.ReLU())
                    self.body.append(nn.Linear(a, b))

            def forward(self, values):
                return self.body(values)
        """,
        """
        layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Linear(a, b), nn.ReLU()]
        return nn.Sequential(*layers[:-1])
        """,
    ),
    slips=(
        Slip(
            _mlp("[nn.Linear(a, b) for a, b in pairs]", "values = layer(values)", "values"),
            "a plain list hides its layers from parameters(); use nn.ModuleList",
        ),
        Slip(
            _mlp(_MODULE_LIST, "values = layer(values).relu()", "values"),
            "there is a ReLU after the last layer too",
        ),
        Slip(
            _mlp(_MODULE_LIST, "values = layer(values)", "values"),
            "the ReLUs are missing: linear after linear is still one linear layer",
        ),
        Slip(
            _mlp(_MODULE_LIST, _LAST_PLAIN, "values").replace(
                "zip(sizes[:-1], sizes[1:])", "zip(sizes, sizes)"
            ),
            "zip(sizes, sizes) pairs each size with itself; shift one of them: sizes[1:]",
        ),
    ),
    wrong=(
        Wrong(
            """
            class MLP(nn.Module):
                def __init__(self, sizes):
                    super().__init__()
                    self.sizes = sizes

                def forward(self, values):
                    for a, b in zip(self.sizes[:-1], self.sizes[1:]):
                        values = nn.Linear(a, b)(values)
                    return values
            """,
            "make the layers in __init__, not in forward",
        ),
        Wrong(
            _mlp(_MODULE_LIST, "last = layer(values)", "last"),
            "RuntimeError",
        ),
        Wrong("return nn.Linear(sizes[0], sizes[-1])", "parameters() gives shapes"),
    ),
)

CONVOLVE = Exercise(
    chapter="03",
    signature="convolve(image, kernel)",
    title="a convolution by hand",
    prompt="""
        Write `convolve(image, kernel)`: lay the kernel on the image, multiply place by
        place, add up, move on by one pixel. No padding, so the result is smaller than the
        image. A loop over the places of the *kernel* is fine, one over the pixels is not.
        `F.conv2d` is accepted too, but by hand you learn more.
    """,
    shapes="image: (rows, columns). kernel: (k, l). Returns (rows-k+1, columns-l+1).",
    cases=lambda: [
        (_floats(4, 5), _floats(3, 2, seed=1)),
        (_floats(5, 5, seed=2), torch.tensor([[1.0, 0.0], [0.0, 0.0]])),
    ],
    large=lambda: (_floats(12, 14), _floats(3, 2, seed=1)),
    model_answer="""
        rows = image.shape[0] - kernel.shape[0] + 1
        columns = image.shape[1] - kernel.shape[1] + 1
        result = torch.zeros(rows, columns)
        for i in range(kernel.shape[0]):
            for j in range(kernel.shape[1]):
                result += kernel[i, j] * image[i : i + rows, j : j + columns]
        return result
    """,
    why="Each place of the kernel weighs one shifted copy of the image; the copies are added.",
    hints=(
        "Turn it round: each place of the kernel meets a whole, shifted part of the image.",
        "For place (i, j) that part is image[i : i + rows, j : j + columns].",
        "result += kernel[i, j] * image[i : i + rows, j : j + columns], in two loops",
    ),
    right=(
        """
        height, width = kernel.shape
        patches = image.unfold(0, height, 1).unfold(1, width, 1)
        return torch.einsum("rckl,kl->rc", patches, kernel)
        """,
        "F.conv2d(image[None, None], kernel[None, None])[0, 0]",
        """
        patches = F.unfold(image[None, None], tuple(kernel.shape))
        rows = image.shape[0] - kernel.shape[0] + 1
        return (kernel.flatten() @ patches[0]).reshape(rows, -1)
        """,
    ),
    slips=(
        Slip(
            "F.conv2d(image[None, None], kernel.flip(0, 1)[None, None])[0, 0]",
            "the kernel was turned round, as in mathematics; PyTorch does not turn it",
        ),
        Slip(
            """
            pad = kernel.shape[0] // 2, kernel.shape[1] // 2
            return F.conv2d(image[None, None], kernel[None, None], padding=pad)[0, 0]
            """,
            "the image was padded; the kernel stays inside the image here",
        ),
        Slip(
            "F.conv2d(image[None, None], kernel[None, None])[0, 0][:-1, :-1]",
            "one row and one column are missing: there are rows - k + 1 positions",
        ),
        Slip(
            "F.conv2d(image[None, None], kernel[None, None])",
            "the dimensions for batch and channels are still there",
        ),
    ),
    wrong=(
        Wrong(
            """
            k, l = kernel.shape
            rows, columns = image.shape[0] - k + 1, image.shape[1] - l + 1
            result = torch.zeros(rows, columns)
            for r in range(rows):
                for c in range(columns):
                    result[r, c] = (image[r : r + k, c : c + l] * kernel).sum()
            return result
            """,
            "in a loop",
        ),
    ),
)

OUTPUT_SIZE = Exercise(
    chapter="03",
    signature="output_size(size, kernel, stride, padding, dilation)",
    title="how large is the result?",
    prompt="""
        Write `output_size(size, kernel, stride, padding, dilation)`: how many pixels does
        a convolution leave of `size` pixels, along one dimension? All are whole numbers.
    """,
    shapes="All arguments: int. Returns an int.",
    cases=lambda: [
        (32, 3, 1, 0, 4),
        (28, 3, 1, 0, 1),
        (28, 5, 1, 2, 1),
        (28, 5, 2, 2, 1),
        (17, 3, 2, 0, 1),
        (33, 3, 2, 3, 2),
    ],
    model_answer="""
        reach = dilation * (kernel - 1) + 1
        return (size + 2 * padding - reach) // stride + 1
    """,
    why="A first position fits, and then one more for each whole stride that is left.",
    hints=(
        "How far does the kernel reach? With dilation there are gaps between its places.",
        "reach = dilation * (kernel - 1) + 1, and padding is added on both sides.",
        "(size + 2 * padding - reach) // stride + …",
    ),
    right=(
        "int((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)",
        "len(range(0, size + 2 * padding - dilation * (kernel - 1), stride))",
        """
        layer = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
        return layer(torch.zeros(1, 1, size)).shape[-1]
        """,
    ),
    slips=(
        Slip(
            "(size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1",
            "/ gives a decimal number; positions are counted in whole strides: //",
        ),
        Slip(
            "(size + 2 * padding - dilation * (kernel - 1) - 1) // stride",
            "the first position was not counted: + 1",
        ),
        Slip(
            "(size + padding - dilation * (kernel - 1) - 1) // stride + 1",
            "the padding is added on both sides: 2 * padding",
        ),
        Slip(
            "(size + 2 * padding - kernel) // stride + 1",
            "dilation is missing: the kernel reaches over dilation * (kernel - 1) + 1",
        ),
        Slip(
            "(size + 2 * padding - dilation * kernel) // stride + 1",
            "three places have two gaps: the reach is dilation * (kernel - 1) + 1",
        ),
    ),
)

BATCH_NORM = Exercise(
    chapter="03",
    signature="batch_norm(values, running_mean, running_var)",
    title="batch norm in training, with its memory",
    prompt="""
        Write `batch_norm(values, running_mean, running_var)`: what `nn.BatchNorm1d` does in
        training, with `eps=1e-5` and `momentum=0.1`, weight 1 and bias 0. Return three
        tensors: the normalised values, the new running mean and the new running variance.
        Do not change what you are given. `F.batch_norm` is accepted too, but by hand you
        learn more.
    """,
    shapes="values: (batch, features). The others: (features,). Returns a tuple of 3.",
    cases=lambda: [
        (_floats(4, 3), torch.zeros(3), torch.ones(3)),
        (_floats(6, 2, seed=4), torch.tensor([2.0, -1.0]), torch.tensor([4.0, 0.5])),
        (_floats(4, 2, seed=4) / 300, torch.zeros(2), torch.ones(2)),
    ],
    model_answer="""
        mean = values.mean(dim=0)
        variance = values.var(dim=0, correction=0)
        normalised = (values - mean) / (variance + 1e-5).sqrt()
        new_mean = 0.9 * running_mean + 0.1 * mean
        new_var = 0.9 * running_var + 0.1 * values.var(dim=0)
        return normalised, new_mean, new_var
    """,
    why="It divides by n to normalise, by n - 1 to remember; the memory moves by a tenth.",
    hints=(
        "The statistics of this batch run along dim 0: one for each column.",
        "values.var(dim=0, correction=0) normalises, values.var(dim=0) is remembered.",
        "new_mean = 0.9 * running_mean + 0.1 * mean",
    ),
    right=(
        """
        new_mean, new_var = running_mean.clone(), running_var.clone()
        normalised = F.batch_norm(values, new_mean, new_var, training=True)
        return normalised, new_mean, new_var
        """,
        """
        variance, mean = torch.var_mean(values, dim=0)
        biased = variance * (len(values) - 1) / len(values)
        return (
            (values - mean) * torch.rsqrt(biased + 1e-5),
            torch.lerp(running_mean, mean, 0.1),
            torch.lerp(running_var, variance, 0.1),
        )
        """,
    ),
    slips=(
        Slip(
            """
            mean, variance = values.mean(dim=0), values.var(dim=0)
            normalised = (values - mean) / (variance + 1e-5).sqrt()
            new_var = 0.9 * running_var + 0.1 * variance
            return normalised, 0.9 * running_mean + 0.1 * mean, new_var
            """,
            "to normalise, the variance is divided by n: correction=0",
        ),
        Slip(
            """
            mean, variance = values.mean(dim=0), values.var(dim=0, correction=0)
            normalised = (values - mean) / (variance + 1e-5).sqrt()
            new_var = 0.9 * running_var + 0.1 * variance
            return normalised, 0.9 * running_mean + 0.1 * mean, new_var
            """,
            "what is remembered is the variance divided by n - 1",
        ),
        Slip(
            """
            mean, variance = values.mean(dim=0), values.var(dim=0, correction=0)
            normalised = (values - mean) / (variance + 1e-5).sqrt()
            new_var = 0.1 * running_var + 0.9 * values.var(dim=0)
            return normalised, 0.1 * running_mean + 0.9 * mean, new_var
            """,
            "momentum=0.1 is the share of the new batch; 0.9 of the old stays",
        ),
        Slip(
            """
            normalised = (values - running_mean) / (running_var + 1e-5).sqrt()
            return normalised, running_mean.clone(), running_var.clone()
            """,
            "this is what batch norm does in eval(); in training it uses the batch",
        ),
        Slip(
            """
            mean, variance = values.mean(dim=0), values.var(dim=0, correction=0)
            normalised = (values - mean) / (variance.sqrt() + 1e-5)
            new_var = 0.9 * running_var + 0.1 * values.var(dim=0)
            return normalised, 0.9 * running_mean + 0.1 * mean, new_var
            """,
            "eps is added to the variance, inside the root",
        ),
    ),
    wrong=(
        Wrong(
            """
            normalised = F.batch_norm(values, running_mean, running_var, training=True)
            return normalised, running_mean, running_var
            """,
            "changed its input",
        ),
    ),
)

DROP = Exercise(
    chapter="03",
    signature="drop(values, keep, p, training)",
    title="dropout with a given mask",
    prompt="""
        Write `drop(values, keep, p, training)`: dropout with a mask that is already drawn. Where
        `keep` is False the value becomes 0. Scale the rest so that the expectation stays
        the same. When `training` is False, return the values as they are.
    """,
    shapes="values: float32. keep: the same shape, bool. p: share that is dropped.",
    cases=lambda: [
        (_floats(2, 3, seed=4), _integers(2, 3, high=2).bool(), 0.25, False),
        (_floats(2, 4), _integers(2, 4, high=2, seed=1).bool(), 0.5, True),
        (_floats(3, 3, seed=2), _integers(3, 3, high=4, seed=3) > 0, 0.25, True),
    ],
    model_answer="""
        if not training:
            return values
        return values * keep / (1 - p)
    """,
    why="A share of 1 - p survives, so dividing by 1 - p keeps the mean what it was.",
    hints=(
        "A bool tensor times a float tensor gives 0 where it is False.",
        "With p = 0.5 half of the values are lost; what must the others be multiplied by?",
        "values * keep / (1 - p), and values alone outside training",
    ),
    right=(
        "torch.where(keep, values / (1 - p), 0.0) if training else values.clone()",
        """
        factor = keep.float().div(1 - p) if training else torch.ones_like(values)
        return values.mul(factor)
        """,
    ),
    slips=(
        Slip(
            "values * keep if training else values",
            "without scaling, the next layer gets less in training than in eval()",
        ),
        Slip(
            "values * keep / p if training else values",
            "a share of 1 - p survives; p is the share that is dropped",
        ),
        Slip(
            "values * keep * (1 - p) if training else values",
            "times 1 - p makes the rest smaller; divide by 1 - p",
        ),
        Slip("values * keep / (1 - p)", "outside training nothing is dropped"),
        Slip(
            "values * keep if training else values * (1 - p)",
            "the old way scaled in eval(); today eval() changes nothing",
        ),
        Slip(
            "values * ~keep / (1 - p) if training else values",
            "keep is True where the value stays",
        ),
    ),
    wrong=(
        Wrong(
            "return values.mul_(keep).div_(1 - p) if training else values",
            "changed its input",
        ),
    ),
)

LAST_OUTPUTS = Exercise(
    chapter="03",
    signature="last_outputs(outputs, lengths)",
    title="the last real output of each sequence",
    prompt="""
        A recurrent layer has read a padded batch of sequences. Write
        `last_outputs(outputs, lengths)`: for each sequence the output at its last *real*
        step, before the padding begins. No loop.
    """,
    shapes="outputs: (batch, time, features). lengths: (batch,), int64.",
    cases=lambda: [
        (_floats(3, 4, 2), torch.tensor([4, 1, 3])),
        (_floats(2, 3, 3, seed=1), torch.tensor([2, 2])),
    ],
    large=lambda: (_floats(40, 4, 2), _integers(40, low=1, high=5)),
    model_answer="outputs[torch.arange(len(outputs)), lengths - 1]",
    why="Two index tensors side by side choose one step in each sequence.",
    hints=(
        "Steps count from 0: a sequence of length 3 ends at step 2.",
        "Chapter 01: two index tensors of equal length choose pairs of places.",
        "outputs[torch.arange(…), lengths - 1]",
    ),
    right=(
        """
        index = (lengths - 1)[:, None, None].expand(-1, 1, outputs.shape[2])
        return outputs.gather(1, index).squeeze(1)
        """,
        "outputs.take_along_dim((lengths - 1)[:, None, None], dim=1)[:, 0]",
    ),
    slips=(
        Slip("outputs[:, -1]", "for a short sequence the last step is padding"),
        Slip(
            "outputs[torch.arange(len(outputs)), lengths]",
            "steps count from 0: the last one is lengths - 1",
        ),
        Slip(
            "outputs[:, lengths - 1]",
            "a colon and an index combine all sequences with all lengths; "
            "put torch.arange(len(outputs)) in place of the colon",
        ),
        Slip(
            "outputs[lengths - 1, torch.arange(len(outputs))]",
            "the batch comes first in outputs, then the time",
        ),
    ),
    wrong=(
        Wrong(
            """
            pairs = zip(outputs, lengths)
            return torch.stack([sequence[length - 1] for sequence, length in pairs])
            """,
            "in a loop",
        ),
    ),
)

ATTENTION = Exercise(
    chapter="03",
    signature="attention(query, key, value, allowed)",
    title="attention with a mask",
    prompt="""
        Write `attention(query, key, value, allowed)`. The similarity of a query and a key
        is their dot product, divided by the square root of the number of features. Where
        `allowed` is False the similarity becomes minus infinity. A softmax over the keys
        makes weights, and the result is the weighted sum of the values.
        `F.scaled_dot_product_attention` is accepted too, but by hand you learn more.
    """,
    shapes="query: (q, features). key: (k, features). value: (k, any). allowed: (q, k).",
    cases=lambda: [
        (_floats(2, 4), _floats(3, 4, seed=1), _floats(3, 4, seed=2), torch.ones(2, 3) > 0),
        (
            _floats(3, 2, seed=3).requires_grad_(),
            _floats(3, 2, seed=4),
            _floats(3, 5, seed=5),
            torch.ones(3, 3).tril().bool(),
        ),
    ],
    model_answer="""
        similarity = query @ key.T / query.shape[-1] ** 0.5
        similarity = similarity.masked_fill(~allowed, -torch.inf)
        return similarity.softmax(dim=-1) @ value
    """,
    why="Minus infinity becomes weight 0, and the other weights of the row still sum to 1.",
    hints=(
        "query @ key.T gives one number for each pair of query and key.",
        "masked_fill(~allowed, -torch.inf) comes before the softmax.",
        "similarity.softmax(dim=-1) @ value",
    ),
    right=(
        "F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)",
        """
        scores = torch.einsum("qf,kf->qk", query, key) / math.sqrt(key.shape[1])
        powers = torch.where(allowed, (scores - scores.amax(1, True)).exp(), 0.0)
        return powers / powers.sum(dim=1, keepdim=True) @ value
        """,
    ),
    slips=(
        Slip(
            """
            similarity = (query @ key.T).masked_fill(~allowed, -torch.inf)
            return similarity.softmax(dim=-1) @ value
            """,
            "the division by the square root of the number of features is missing",
        ),
        Slip(
            """
            similarity = query @ key.T / query.shape[-1]
            similarity = similarity.masked_fill(~allowed, -torch.inf)
            return similarity.softmax(dim=-1) @ value
            """,
            "divide by the square root of the number of features, not by the number",
        ),
        Slip(
            """
            similarity = query @ key.T / query.shape[-1] ** 0.5
            similarity = similarity.masked_fill(~allowed, -torch.inf)
            return similarity.softmax(dim=0) @ value
            """,
            "the softmax runs over the keys, the last dimension",
        ),
        Slip(
            """
            similarity = query @ key.T / query.shape[-1] ** 0.5
            return similarity.softmax(dim=-1) * allowed @ value
            """,
            "masked after the softmax, the weights of a row no longer sum to 1",
        ),
        Slip(
            """
            similarity = query @ key.T / query.shape[-1] ** 0.5
            return similarity.softmax(dim=-1) @ value
            """,
            "the mask is not used",
        ),
        Slip(
            """
            similarity = query @ key.T / query.shape[-1] ** 0.5
            similarity = similarity.masked_fill(allowed, -torch.inf)
            return similarity.softmax(dim=-1) @ value
            """,
            "the mask is inverted: fill where allowed is False, that is ~allowed",
        ),
        Slip(
            """
            similarity = query @ key.T / query.shape[-1] ** 0.5 * allowed
            return similarity.softmax(dim=-1) @ value
            """,
            "a similarity of 0 still gets weight, since exp(0) is 1; fill in -torch.inf",
        ),
    ),
    wrong=(
        Wrong(
            """
            similarity = query @ key.T / query.shape[-1] ** 0.5
            similarity = similarity.masked_fill(~allowed, -torch.inf)
            return (similarity.softmax(dim=-1) @ value).detach()
            """,
            "carries no gradient",
        ),
    ),
)

STABLE_SOFTMAX = Exercise(
    chapter="03",
    signature="stable_softmax(scores)",
    title="a softmax that does not overflow",
    prompt="""
        Write `stable_softmax(scores)`: for each row `exp(score)` divided by the sum of the
        row. It must also work for scores such as 1000, whose `exp` is infinite.
        `F.softmax` is accepted too, but by hand you learn more.
    """,
    shapes="scores: (rows, classes), float32. Returns the same shape.",
    cases=lambda: [
        (_floats(3, 4),),
        (torch.tensor([[1000.0, 1001.0, 999.0], [-1000.0, -1000.0, -1001.0]]),),
    ],
    large=lambda: (_floats(40, 4),),
    model_answer="""
        shifted = scores - scores.amax(dim=1, keepdim=True)
        powers = shifted.exp()
        return powers / powers.sum(dim=1, keepdim=True)
    """,
    why="The shift cancels in the fraction, and no exponent is greater than 0.",
    hints=(
        "Adding the same number to all scores of a row changes nothing.",
        "Which number, subtracted, makes the largest exponent 0?",
        "scores - scores.amax(dim=1, keepdim=True), then as before",
    ),
    right=(
        "F.softmax(scores, dim=1)",
        "(scores - scores.logsumexp(dim=1, keepdim=True)).exp()",
    ),
    slips=(
        Slip(
            "scores.exp() / scores.exp().sum(dim=1, keepdim=True)",
            "exp(1000) is infinite, and infinity by infinity is nan; "
            "subtract the largest score of the row first",
        ),
        Slip(
            """
            powers = (scores - scores.max()).exp()
            return powers / powers.sum(dim=1, keepdim=True)
            """,
            "one maximum for the whole table: in the other rows all powers become 0",
        ),
        Slip(
            """
            powers = (scores - scores.max(dim=1)).exp()
            return powers / powers.sum(dim=1, keepdim=True)
            """,
            "max(dim=1) gives values and indices; amax gives the values alone",
        ),
        Slip(
            """
            powers = (scores - scores.amax(dim=1)).exp()
            return powers / powers.sum(dim=1, keepdim=True)
            """,
            "without keepdim=True the row of maxima meets the columns",
        ),
        Slip(
            "F.softmax(scores, dim=0)",
            "this runs down the columns; the classes of one row are along dim 1",
        ),
        Slip("F.log_softmax(scores, dim=1)", "these are the logarithms"),
    ),
    wrong=(
        Wrong(
            "torch.stack([F.softmax(row, dim=0) for row in scores])",
            "in a loop",
        ),
    ),
)


def _look_at_loss(result: Any, gamma: float) -> Any:
    """A loss on five samples, and its gradient for the first of them."""
    module = as_module(result)
    scores = _floats(5, 3, seed=9).requires_grad_()
    loss = module(scores, torch.tensor([0, 2, 1, 1, 0]))
    if loss is ...:
        return loss
    if not isinstance(loss, torch.Tensor):
        raise Unfit(
            f"the loss is a {type(loss).__name__}; return a tensor, without .item(), "
            "or nothing can be learned from it"
        )
    if not loss.requires_grad:
        raise Unfit("the loss carries no gradient, so nothing could be learned from it")
    gradient = torch.autograd.grad(loss.sum(), scores)[0]
    return loss.detach(), gradient[0]


_FOCAL = """
    class FocalLoss(nn.Module):
        def __init__(self, gamma):
            super().__init__()
            self.gamma = gamma

        def forward(self, scores, labels):
            entropy = F.cross_entropy(scores, labels, reduction="none")
            right = (-entropy).exp()
            return {formula}
"""

FOCAL_LOSS = ModuleExercise(
    chapter="03",
    signature="FocalLoss(gamma)",
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
    cases=lambda: [(0.0,), (2.0,)],
    look=_look_at_loss,
    then="the loss of five samples of three classes, and the first sample's gradient",
    model_answer="""
        class FocalLoss(nn.Module):
            def __init__(self, gamma):
                super().__init__()
                self.gamma = gamma

            def forward(self, scores, labels):
                entropy = F.cross_entropy(scores, labels, reduction="none")
                right = (-entropy).exp()  # the probability of the true class
                return ((1 - right) ** self.gamma * entropy).mean()
    """,
    why="cross_entropy without reduction is -log(p), so p is exp of its negative.",
    hints=(
        'F.cross_entropy(scores, labels, reduction="none") gives -log(p) of each sample.',
        "If entropy is -log(p), then p is (-entropy).exp().",
        "((1 - p) ** self.gamma * entropy).mean()",
    ),
    right=(
        """
        class FocalLoss(nn.Module):
            def __init__(self, gamma):
                super().__init__()
                self.gamma = gamma

            def forward(self, scores, labels):
                logs = scores.log_softmax(dim=1).gather(1, labels[:, None])[:, 0]
                return (-logs * (1 - logs.exp()).pow(self.gamma)).mean()
        """,
        """
        class FocalLoss(nn.Module):
            def __init__(self, gamma):
                super().__init__()
                self.gamma = gamma

            def forward(self, scores, labels):
                p = F.softmax(scores, dim=1)[torch.arange(len(labels)), labels]
                return torch.mean((1 - p) ** self.gamma * -torch.log(p))
        """,
    ),
    slips=(
        Slip(
            _FOCAL.format(formula="(right**self.gamma * entropy).mean()"),
            "p instead of 1 - p: this counts what is right already most of all",
        ),
        Slip(
            _FOCAL.format(formula="((1 - right) ** self.gamma * entropy).sum()"),
            "this is the sum over the samples; the mean was asked for",
        ),
        Slip(
            _FOCAL.format(formula="(1 - right) ** self.gamma * entropy"),
            "this is one loss for each sample; the mean was asked for",
        ),
        Slip(
            _FOCAL.format(formula="(-((1 - right) ** self.gamma) * entropy).mean()"),
            "the sign is wrong: -log(p) is already positive",
        ),
        Slip(
            _FOCAL.format(formula="(1 - right.mean()) ** self.gamma * entropy.mean()"),
            "the mean comes last, after each sample was weighted",
        ),
        Slip(
            _FOCAL.format(formula="F.cross_entropy(scores, labels)"),
            "this is the cross entropy; gamma is not used",
        ),
    ),
    wrong=(
        Wrong(
            _FOCAL.format(formula="((1 - right) ** self.gamma * entropy).mean().detach()"),
            "carries no gradient",
        ),
        Wrong(
            _FOCAL.format(formula="((1 - right) ** self.gamma * entropy).mean().item()"),
            "without .item()",
        ),
    ),
)


def _unready_network() -> nn.Module:
    """A network with layers in layers, whose parameters all are 0.5."""
    inner = nn.Sequential(nn.Conv2d(32, 64, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU())
    model = nn.Sequential(nn.Conv2d(8, 32, 3), inner, nn.Flatten(), nn.Linear(64, 128))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.5)
    return model


def _look_at_initialised(_: Any, model: nn.Module) -> Any:
    """Complain about the first layer that is not as it should be."""
    if all(bool((parameter == 0.5).all()) for parameter in model.parameters()):
        return ...
    for name, layer in model.named_modules():
        kind = f"the {type(layer).__name__} called {name!r}"
        if getattr(layer, "bias", None) is not None and layer.bias.count_nonzero():
            raise Unfit(f"the bias of {kind} is not zero")
        if isinstance(layer, nn.BatchNorm2d) and not bool((layer.weight == 1).all()):
            raise Unfit(f"the weight of {kind} is not 1")
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            _demand_kaiming(kind, layer.weight)
    return "every layer is as it should be"


def _demand_kaiming(kind: str, weight: torch.Tensor) -> None:
    """Refuse weights whose spread is not the root of 2 / fan_in."""
    wanted = (2 / weight[0].numel()) ** 0.5
    found = weight.std().item()
    if weight.abs().max() < 2.2 * found:  # an even draw ends at 1.73
        raise Unfit(f"the weights of {kind} are not normally distributed")
    if abs(found / wanted - 1) > 0.08:
        raise Unfit(
            f"the weights of {kind} have standard deviation {found:.2g}; "
            f"the root of 2 / fan_in is {wanted:.2g}"
        )


INITIALISE = ModuleExercise(
    chapter="03",
    signature="initialise(model)",
    title="initialise a whole model",
    prompt="""
        Write `initialise(model)`: walk over all its layers, however deeply they are nested.
        The weights of `nn.Conv2d` and `nn.Linear` become Kaiming-normal for ReLU (mode
        `fan_in`, the default), their biases 0; a layer made with `bias=False` has the bias
        None. An `nn.BatchNorm2d` gets weight 1 and bias
        0. Nothing needs to be returned.
    """,
    shapes="model: any nn.Module. Changes it in place.",
    skeleton='''
        def initialise(model):
            """model: any nn.Module. Changes it in place."""
            for layer in model.modules():
                ...
    ''',
    cases=lambda: [(_unready_network(),)],
    look=_look_at_initialised,
    model_answer="""
        for layer in model.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.constant_(layer.bias, 0.0)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.constant_(layer.weight, 1.0)
                nn.init.constant_(layer.bias, 0.0)
    """,
    why="modules() goes all the way down; isinstance tells the kinds of layers apart.",
    hints=(
        "model.modules() gives every layer, also those inside of others.",
        "isinstance(layer, (nn.Conv2d, nn.Linear)) finds the layers with Kaiming weights.",
        'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu"), and constant_ for the rest',
    ),
    right=(
        """
        def one(layer):
            if isinstance(layer, nn.BatchNorm2d):
                layer.reset_parameters()
            elif isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

        model.apply(one)
        """,
        """
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("bias"):
                    parameter.zero_()
                elif parameter.dim() == 1:
                    parameter.fill_(1)
                else:
                    parameter.normal_().mul_((2 / parameter[0].numel()) ** 0.5)
        """,
    ),
    slips=(
        Slip(
            """
            for layer in model.children():
                if isinstance(layer, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                    if layer.bias is not None:
                        nn.init.constant_(layer.bias, 0.0)
            """,
            "children() gives only the outer layers; modules() goes all the way down",
        ),
        Slip(
            """
            for layer in model.modules():
                if isinstance(layer, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            """,
            "the biases still hold what they held before: set them to 0",
        ),
    ),
    wrong=(
        Wrong(
            """
            for layer in model.modules():
                if isinstance(layer, (nn.Conv2d, nn.Linear)):
                    nn.init.xavier_normal_(layer.weight)
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
                elif isinstance(layer, nn.BatchNorm2d):
                    layer.reset_parameters()
            """,
            "the root of 2 / fan_in is",
        ),
        Wrong(
            """
            for layer in model.modules():
                if isinstance(layer, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if getattr(layer, "bias", None) is not None:
                    nn.init.zeros_(layer.bias)
            """,
            "the weight of the BatchNorm2d called '1.1' is not 1",
        ),
        Wrong(
            """
            for layer in model.modules():
                nn.init.kaiming_normal_(layer.weight)
            """,
            "AttributeError",
        ),
        Wrong(
            """
            for layer in model.modules():
                if isinstance(layer, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
                elif isinstance(layer, nn.BatchNorm2d):
                    layer.reset_parameters()
            """,
            "not normally distributed",
        ),
    ),
)


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


COUNT_PARAMETERS = Exercise(
    chapter="03",
    signature="count_parameters(model)",
    title="how many numbers are learned?",
    prompt="""
        Write `count_parameters(model)`: a tuple of two whole numbers. The first counts the
        numbers that are learned, the second those in parameters that are frozen
        (`requires_grad` is False). Buffers do not count; a parameter that two layers share
        counts once.
    """,
    shapes="model: any nn.Module. Returns (learned, frozen), two ints.",
    cases=lambda: [(_half_frozen(),), (_tied(),)],
    model_answer="""
        learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
        frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
        return learned, frozen
    """,
    why="parameters() visits each parameter once and no buffer; numel() counts its numbers.",
    hints=(
        "model.parameters() gives all of them, shared ones once.",
        "parameter.numel() is how many numbers it holds, parameter.requires_grad says which.",
        "sum(p.numel() for p in model.parameters() if …)",
    ),
    right=(
        """
        counts = {True: 0, False: 0}
        for _, parameter in model.named_parameters():
            counts[parameter.requires_grad] += parameter.numel()
        return counts[True], counts[False]
        """,
        """
        total = sum(math.prod(p.shape) for p in model.parameters())
        learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
        return learned, total - learned
        """,
    ),
    slips=(
        Slip(
            """
            learned = len([p for p in model.parameters() if p.requires_grad])
            return learned, len(list(model.parameters())) - learned
            """,
            "these are tensors; each holds numel() numbers",
        ),
        Slip(
            """
            learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
            return learned, sum(t.numel() for t in model.state_dict().values()) - learned
            """,
            "the state_dict holds buffers too, and shared parameters twice",
        ),
        Slip(
            "sum(p.numel() for p in model.parameters()), 0",
            "frozen parameters are not learned: look at requires_grad",
        ),
        Slip(
            """
            learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
            return sum(p.numel() for p in model.parameters()) - learned, learned
            """,
            "the two counts are exchanged: learned first, then frozen",
        ),
        Slip(
            """
            total = sum(p.numel() for p in model.parameters())
            return total, sum(p.numel() for p in model.parameters() if not p.requires_grad)
            """,
            "the first number counts the frozen ones too",
        ),
        Slip(
            """
            saved = model.state_dict().values()
            learned = sum(t.numel() for t in saved if t.requires_grad)
            return learned, sum(t.numel() for t in saved) - learned
            """,
            "in a state_dict nothing requires a gradient, and buffers are there too; "
            "use parameters()",
        ),
    ),
    wrong=(
        Wrong("sum(p.numel() for p in model.parameters())", "the type is int"),
        Wrong(
            """
            parts = [p for child in model.children() for p in child.parameters()]
            learned = sum(p.numel() for p in parts if p.requires_grad)
            return learned, sum(p.numel() for p in parts) - learned
            """,
            "Got: (42, 0)",
        ),
    ),
)


def _look_at_block(result: Any, into: int, out: int, stride: int) -> Any:
    """What a block computes in eval(), when its parameters have the right shapes."""
    block = as_module(result)
    images = _floats(2, into, 4, 4, seed=11)
    if not list(block.parameters()) and block(images) is ...:
        return ...
    wanted = [(out, into, 3, 3), (out, out, 3, 3), *[(out,)] * 4]
    if stride != 1 or into != out:
        wanted += [(out, into, 1, 1), (out,), (out,)]
    _demand_shapes(block, wanted)
    return filled(block).eval()(images)


_BLOCK = """
    class ResidualBlock(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(into, out, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(out),
                nn.ReLU(),
                nn.Conv2d(out, out, 3, padding=1, bias=False),
                nn.BatchNorm2d(out),
            )
            self.shortcut = nn.Identity()
            if {condition}:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out)
                )

        def forward(self, images):
            return {formula}
"""
_CONDITION = "stride != 1 or into != out"


def _block(formula: str, condition: str = _CONDITION) -> str:
    """A residual block that computes `formula`."""
    return _BLOCK.format(formula=formula, condition=condition)


_SUM = "(self.body(images) + self.shortcut(images)).relu()"

RESIDUAL_BLOCK = ModuleExercise(
    chapter="03",
    signature="ResidualBlock(into, out, stride)",
    title="the block that ResNets are made of",
    prompt="""
        Write the module `ResidualBlock(into, out, stride)`. Its **body**: a 3×3 convolution
        from `into` to `out` channels with this stride, batch norm, ReLU, a 3×3 convolution
        from `out` to `out` channels, batch norm. Its **shortcut**: the input itself; but if
        the stride is not 1 or the channels change, a 1×1 convolution with this stride, and
        batch norm. Add both, and apply a ReLU to the sum. Pad the 3×3 convolutions by 1; no
        convolution has a bias.
    """,
    skeleton='''
        class ResidualBlock(nn.Module):
            """images: (batch, into, height, width). Returns (batch, out, …)."""

            def __init__(self, into, out, stride):
                super().__init__()
                ...

            def forward(self, images):
                return ...
    ''',
    cases=lambda: [(4, 4, 1), (2, 4, 2), (2, 3, 1)],
    look=_look_at_block,
    then="with other numbers in its parameters, in eval(), it was given two images of 4×4",
    model_answer=_block(_SUM),
    why="The body only has to learn what to add; the shortcut carries the rest unchanged.",
    hints=(
        "Two attributes: self.body, an nn.Sequential of five layers, and self.shortcut.",
        "nn.Identity() returns its input; it is the shortcut where nothing changes.",
        "nn.Conv2d(into, out, 3, stride, padding=1, bias=False) is the first layer.",
        "(self.body(images) + self.shortcut(images)).relu()",
    ),
    right=(
        """
        class ResidualBlock(nn.Module):
            def __init__(self, into, out, stride):
                super().__init__()
                self.down = None
                if stride > 1 or into != out:
                    self.down = nn.Conv2d(into, out, 1, stride, bias=False)
                    self.norm3 = nn.BatchNorm2d(out)
                self.conv1 = nn.Conv2d(into, out, 3, stride, 1, bias=False)
                self.norm1 = nn.BatchNorm2d(out)
                self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
                self.norm2 = nn.BatchNorm2d(out)

            def forward(self, images):
                kept = images if self.down is None else self.norm3(self.down(images))
                found = F.relu(self.norm1(self.conv1(images)))
                return F.relu(self.norm2(self.conv2(found)) + kept)
        """,
        _block("F.relu(torch.add(self.shortcut(images), self.body(images)))"),
    ),
    slips=(
        Slip(
            _block("self.body(images).relu() + self.shortcut(images)"),
            "the ReLU comes after the sum",
        ),
        Slip(
            _block("self.body(images) + self.shortcut(images)"),
            "the ReLU after the sum is missing",
        ),
        Slip(
            _block("self.body(images).relu()"),
            "the shortcut is not added, so this is no residual block",
        ),
        Slip(
            _block(_SUM, "True"),
            "where nothing changes, the shortcut is the input itself: nn.Identity()",
        ),
        Slip(
            _block(_SUM).replace("bias=False", "bias=True"),
            "the convolutions need no bias: batch norm subtracts it again",
        ),
        Slip(
            _block(_SUM)
            .replace("into, out, 3, stride, padding", "into, out, 3, padding")
            .replace("out, out, 3, padding", "out, out, 3, stride, padding"),
            "the stride belongs to the first convolution of the body, not to the second",
        ),
        Slip(
            _block(_SUM).replace("                nn.ReLU(),\n", ""),
            "the ReLU between the two convolutions is missing",
        ),
        Slip(
            _block(_SUM).replace("padding=1, ", ""),
            "without padding=1 the 3×3 convolutions make the images smaller",
        ),
    ),
    wrong=(
        Wrong(_block(_SUM, "into != out").replace("1, stride, bias", "1, bias"), "Error"),
        Wrong(_block("self.shortcut(images).relu()"), "2×4×4×4"),
    ),
)


def _digit_images(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first digits as (count, 1, 8, 8) from 0 to 1, and their labels."""
    digits = data.digits()
    return digits.images[:count, None].float() / 16, digits.labels[:count]


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
    filled(model)(_digit_images(16)[0])  # moves the running statistics
    return model.train(training)


def _demand_untouched(model: nn.Module, was_training: bool) -> None:
    """Refuse a model that was left with hooks or in another mode."""
    if any(layer._forward_hooks for layer in model.modules()):
        raise Unfit("the hook is still on the model; keep the handle and call remove()")
    if model.training != was_training:
        raise Unfit("the model was left in another mode than it came in")


def _look_at_features(result: Any, model: nn.Module, images: torch.Tensor, _: str) -> Any:
    """The features, when the model was left as it was."""
    _demand_untouched(model, was_training=len(images) == 12)
    return result


_FEATURES = """
    caught = []
    hook = lambda layer, inputs, output: caught.append({caught})
    handle = model.get_submodule(name).register_forward_hook(hook)
    was_training = model.training
    model.{mode}
    {context}:
        model(images)
    {last}
    return caught[0]
"""


def _features(
    caught: str = "output.mean(dim=(2, 3))",
    mode: str = "eval()",
    context: str = "with torch.no_grad()",
    last: str = "handle.remove(); model.train(was_training)",
) -> str:
    """An answer to middle_features, with one of its parts exchanged."""
    return _FEATURES.format(caught=caught, mode=mode, context=context, last=last)


MIDDLE_FEATURES = ModuleExercise(
    chapter="03",
    signature="middle_features(model, images, name)",
    title="what a middle layer makes of the digits",
    prompt="""
        Write `middle_features(model, images, name)`: run the model on the images, and with
        a forward hook take the output of the layer called `name`. Return its mean over
        rows and columns: one number for each image and channel. The model must work as in
        use (`eval()`, no gradient), and be left as it came: no hook on it, in the same
        mode. `model.get_submodule(name)` finds the layer.
    """,
    shapes="images: (batch, 1, 8, 8). Returns (batch, channels), without gradient.",
    cases=lambda: [
        (_digit_network(training=True), _digit_images(12)[0], "1"),
        (nn.Sequential(_digit_network(False)).eval(), _digit_images(9)[0], "0.3"),
    ],
    look=_look_at_features,
    model_answer="""
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
    """,
    why="The hook sees what passes; handle.remove() and train(was_training) clean up.",
    hints=(
        "A hook is a function (layer, inputs, output). It can append output to a list.",
        "register_forward_hook returns a handle; handle.remove() takes the hook off.",
        "Remember model.training before model.eval(), and give it back with model.train(…).",
        "caught[0].mean(dim=(2, 3)) averages over rows and columns.",
    ),
    right=(
        _features(),
        """
        was_training, found = model.training, {}
        layer = dict(model.named_modules())[name]
        handle = layer.register_forward_hook(lambda m, i, o: found.update(o=o.detach()))
        try:
            model.eval()(images)
        finally:
            handle.remove()
            model.train(was_training)
        return found["o"].flatten(2).mean(dim=2)
        """,
    ),
    slips=(
        Slip(
            _features(last="model.train(was_training)"),
            "each further call would add one more hook",
        ),
        Slip(
            _features(last="handle.remove()"),
            "was it training? model.training says so before, model.train(…) sets it after",
        ),
        Slip(
            _features(mode="train()"),
            "in train() batch norm uses this batch; call model.eval() first",
        ),
        Slip(
            _features(caught="output"),
            "the mean over rows and columns, dimensions 2 and 3, is missing",
        ),
        Slip(
            _features(caught="inputs[0].mean(dim=(2, 3))"),
            "this is what goes into the layer; the output comes last in the hook",
        ),
        Slip(
            _features(caught="output.mean(dim=1)"),
            "dimension 1 holds the channels; rows and columns are 2 and 3",
        ),
    ),
    wrong=(Wrong(_features(context="with torch.enable_grad()"), "still carries the gradient"),),
)


def _template_network(training: bool) -> nn.Module:
    """A classifier that compares an image with the mean image of each digit."""
    images, labels = _digit_images(400)
    means = torch.stack([images[labels == k].mean(dim=0).flatten() for k in range(10)])
    layer = nn.Linear(64, 10)
    with torch.no_grad():
        layer.weight.copy_(means)
        layer.bias.copy_(-means.pow(2).sum(dim=1) / 2)
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.6), layer).train(training)

    def note(model: nn.Module, _: Any, output: torch.Tensor) -> None:
        model.saw_gradient = output.requires_grad

    model.register_forward_hook(note)
    return model


def _look_at_accuracy(result: Any, model: nn.Module, *_: Any) -> Any:
    """The accuracy, when the model was left as it was."""
    if getattr(model, "saw_gradient", False):
        raise Unfit("the model worked with gradients; put it in torch.no_grad()")
    if result is not None and model.training:
        raise Unfit("the model worked in train(), where dropout is active")
    return result


_SHIFTED = """
    width = images.shape[3]
    moved = {moved}
    model.eval()
    with torch.no_grad():
        return {result}
"""
_MOVED = "F.pad(images, (columns, -columns))"
_SHARE = "(model(moved).argmax(dim=1) == labels).float().mean().item()"

ACCURACY_WHEN_SHIFTED = ModuleExercise(
    chapter="03",
    signature="accuracy_when_shifted(model, images, labels, columns)",
    title="how well are moved digits read?",
    prompt="""
        Write `accuracy_when_shifted(model, images, labels, columns)`: move every image to
        the right by so many columns (to the left when negative). What leaves the image is
        lost; zeros come in on the other side. Return the share of images that the model
        then classifies rightly, a float. The model must work as in use, `eval()` and
        without gradient, and may stay so.
    """,
    shapes="images: (batch, 1, height, width). labels: (batch,). Returns a float.",
    cases=lambda: [
        (_template_network(training=True), *_digit_images(150), 3),
        (_template_network(training=True), *_digit_images(200), -1),
        (_template_network(training=False), *_digit_images(100), 0),
    ],
    look=_look_at_accuracy,
    model_answer="""
        moved = F.pad(images, (columns, -columns))
        model.eval()
        with torch.no_grad():
            scores = model(moved)  # (batch, classes)
        return (scores.argmax(dim=1) == labels).float().mean().item()
    """,
    why="F.pad adds zeros on one side and, with a negative number, cuts off the other.",
    hints=(
        "torch.roll would bring in on one side what leaves on the other.",
        "F.pad(images, (left, right)) adds columns of zeros; a negative number cuts off.",
        "F.pad(images, (columns, -columns)), then model.eval() and torch.no_grad()",
    ),
    right=(
        """
        moved, width = torch.zeros_like(images), images.shape[3]
        target = slice(max(columns, 0), width + min(columns, 0))
        source = slice(max(-columns, 0), width - max(columns, 0))
        moved[..., target] = images[..., source]
        with torch.inference_mode():
            right = model.eval()(moved).max(dim=1).indices == labels
        return right.sum().item() / len(labels)
        """,
        """
        moved = images.roll(columns, dims=3)
        if columns > 0:
            moved[..., :columns] = 0
        if columns < 0:
            moved[..., columns:] = 0
        with torch.no_grad():
            return float((model.eval()(moved).argmax(1) == labels).double().mean())
        """,
    ),
    slips=(
        Slip(
            _SHIFTED.format(moved="images.roll(columns, dims=3)", result=_SHARE),
            "roll brings in on one side what leaves on the other; zeros should come in",
        ),
        Slip(
            _SHIFTED.format(moved="F.pad(images, (-columns, columns))", result=_SHARE),
            "this moves to the left; the first number of F.pad is the left side",
        ),
        Slip(
            _SHIFTED.format(moved="F.pad(images, (0, 0, columns, -columns))", result=_SHARE),
            "this moves the rows down; columns are the last dimension",
        ),
        Slip(
            _SHIFTED.format(moved=_MOVED, result=_SHARE).replace("eval()", "train()"),
            "in train() dropout is at work; call model.eval() first",
        ),
        Slip(
            _SHIFTED.format(moved="images", result=_SHARE),
            "the images were not moved",
        ),
        Slip(
            _SHIFTED.format(moved=_MOVED, result="100 * " + _SHARE),
            "this is in percent; a share lies between 0 and 1",
        ),
    ),
    wrong=(
        Wrong(
            _SHIFTED.format(moved=_MOVED, result=_SHARE.removesuffix(".item()")),
            "`.item()` makes it a number",
        ),
        Wrong(
            _SHIFTED.format(moved=_MOVED, result=_SHARE).replace("model.eval()", "pass"),
            "the model worked in train()",
        ),
        Wrong(
            _SHIFTED.format(moved=_MOVED, result=_SHARE).replace(
                "torch.no_grad()", "torch.enable_grad()"
            ),
            "torch.no_grad()",
        ),
    ),
)

EXERCISES = (
    SCALE,
    MLP,
    CONVOLVE,
    OUTPUT_SIZE,
    BATCH_NORM,
    DROP,
    LAST_OUTPUTS,
    ATTENTION,
    STABLE_SOFTMAX,
    FOCAL_LOSS,
    INITIALISE,
    COUNT_PARAMETERS,
    RESIDUAL_BLOCK,
    MIDDLE_FEATURES,
    ACCURACY_WHEN_SHIFTED,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="03", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "plain_tensor",
        "A module has the attributes nn.Parameter(…), a plain tensor with "
        "requires_grad=True, and a buffer. Which of them does parameters() give?",
        Choice("the nn.Parameter only", "Only its type registers it as learned.", right=True),
        Choice(
            "the nn.Parameter and the plain tensor",
            "requires_grad is not enough: the module looks at the type.",
        ),
        Choice("all three", "A buffer is kept with the module, but not learned."),
    ),
    _prediction(
        "children_or_modules",
        "tree holds a Linear and a Sequential of ReLU and Linear. How many modules do "
        "children() and modules() give?",
        Choice("2 and 4", "modules() also begins with the tree itself."),
        Choice("2 and 5", "Two below; five with the tree and all depths.", right=True),
        Choice("3 and 3", "children() does not look into the Sequential."),
    ),
    _prediction(
        "plain_list",
        "self.steps = [nn.Linear(4, 4) for _ in range(3)]. How many tensors does "
        "parameters() give?",
        Choice("6", "That would be right for an nn.ModuleList: three weights, three biases."),
        Choice("3", "A linear layer has two tensors; but none of them is found."),
        Choice("0", "A module does not look into a plain list.", right=True),
    ),
    _prediction(
        "linear_numbers",
        "How many learned numbers has nn.Linear(64, 10)?",
        Choice("640", "The ten biases are missing."),
        Choice("650", "A weight for each pair, a bias for each output.", right=True),
        Choice("704", "A bias belongs to an output, not to an input."),
    ),
    _prediction(
        "flat_area",
        "The kernel `edges` sums to 0. What does it make of an area of equal pixels?",
        Choice("black", "8 times the pixel minus its 8 equal neighbours: 0.", right=True),
        Choice("the same grey", "That needs a sum of 1, as in blur and sharpen."),
        Choice("white", "Only a pixel much brighter than its neighbours becomes white."),
    ),
    _prediction(
        "convolved_size",
        "28 pixels, kernel 5, stride 2, padding 2. How many come out?",
        Choice("13", "(28 + 4 - 5) // 2 is 13; the first position is missing."),
        Choice("14", "(28 + 4 - 5) // 2 + 1 = 13 + 1.", right=True),
        Choice("12", "That is without the padding."),
    ),
    _prediction(
        "transposed_size",
        "7 pixels, transposed convolution with kernel 4, stride 2, padding 1. How many come out?",
        Choice("14", "(7 - 1) * 2 - 2 + 4: it doubles the size exactly.", right=True),
        Choice("16", "The padding takes a pixel away at each side."),
        Choice("3", "That is what a convolution would leave."),
    ),
    _prediction(
        "pooled_size",
        "What does nn.MaxPool2d(2) make of 5 by 5 pixels?",
        Choice("2 by 2", "The last row and column fill no window.", right=True),
        Choice("3 by 3", "That is with ceil_mode=True."),
        Choice("4 by 4", "The window moves by its own size, not by 1."),
    ),
    _prediction(
        "mirrored_border",
        "The row 1 2 3 is padded by two on each side, by reflection. What stands left of the 1?",
        Choice("1 1", "That is replication."),
        Choice("2 1", "The border pixel itself is the mirror; it is not repeated."),
        Choice("3 2", "Mirrored at the 1: first 2, then 3, from right to left.", right=True),
    ),
    _prediction(
        "ten_sigmoids",
        "Ten sigmoids in a row, each at its most sensitive place. How much of the "
        "gradient is left?",
        Choice("all of it", "Each multiplies by 0.25 at best."),
        Choice("about a tenth", "0.25 is taken ten times, not once."),
        Choice("about a millionth", "0.25 to the power of 10.", right=True),
    ),
    _prediction(
        "norm_weight",
        "The weight of a batch norm is 4, its bias 1. The input has mean 5 and "
        "deviation 3. What are mean and deviation of the output?",
        Choice("mean 1, deviation 4", "The input's own are removed first.", right=True),
        Choice("mean 21, deviation 12", "That would be without normalising."),
        Choice("mean 0, deviation 1", "That is before weight and bias."),
    ),
    _prediction(
        "dropout_mean",
        "Dropout with p = 0.2 is applied to 100,000 ones. What is the mean?",
        Choice("0.8", "It would be, if the survivors stayed 1."),
        Choice("1.0", "The survivors are divided by 0.8.", right=True),
        Choice("0.2", "p is the share that is dropped."),
    ),
    _prediction(
        "functional_dropout",
        "forward calls F.dropout(x, 0.5), nothing else. The module is in eval(). Are there zeros?",
        Choice("no", "The function knows nothing of the module's mode."),
        Choice("yes", "Its argument training is True by default.", right=True),
    ),
    _prediction(
        "no_grad_or_eval",
        "A Dropout in train() is called inside torch.no_grad(). Are there zeros?",
        Choice("no", "no_grad stops the graph, and nothing else."),
        Choice("yes", "Only eval() switches dropout off.", right=True),
    ),
    _prediction(
        "padding_gradient",
        "Word 0 is padding_idx and occurs once in the batch. What is its gradient?",
        Choice("ones, like that of other words", "padding_idx keeps its row out."),
        Choice("zeros", "So its row stays what it is: zero.", right=True),
        Choice("None", "The gradient is one tensor for the whole table."),
    ),
    _prediction(
        "recurrent_shape",
        "A bidirectional LSTM of 2 layers with hidden size 4 reads (2, 5, 3), batch "
        "first. What shape has the output?",
        Choice("(2, 5, 4)", "Both directions stand side by side."),
        Choice("(2, 5, 8)", "4 forward, 4 backward, of the last layer.", right=True),
        Choice("(2, 5, 16)", "Of the layers only the last is returned."),
    ),
    _prediction(
        "gate_numbers",
        "A plain RNN has 36 parameters. How many have GRU and LSTM of the same sizes?",
        Choice("36 and 36", "Each gate has weights of its own."),
        Choice("72 and 108", "The candidate needs weights too."),
        Choice("108 and 144", "Two gates and a candidate; three and one.", right=True),
    ),
    _prediction(
        "padded_state",
        "A sequence of 2 steps was filled up with zeros to 4. Is the LSTM's last state "
        "that of the sequence alone?",
        Choice("yes, zeros change nothing", "The gates move the state at each step."),
        Choice("no, unless it is packed", "Packing leaves the filling out.", right=True),
    ),
    _prediction(
        "equal_keys",
        "All five keys are equal. What does attention return?",
        Choice("the first value", "Softmax has no preference among equals."),
        Choice("the mean of the values", "Equal similarities, weight 1/5 each.", right=True),
        Choice("zeros", "The weights sum to 1, whatever the similarities."),
    ),
    _prediction(
        "softmax_changes",
        "Which changes the result of a softmax: adding 100 to all scores, or multiplying "
        "all by 10?",
        Choice("both", "The factor exp(100) cancels in the fraction."),
        Choice("only adding", "It is the other way round."),
        Choice("only multiplying", "Differences decide, and they grow.", right=True),
    ),
    _prediction(
        "even_scores",
        "Ten classes, all scores equal. What is the cross entropy?",
        Choice("0", "That is for certainty about the true class."),
        Choice("about 2.3", "-log(1/10), the logarithm of 10.", right=True),
        Choice("0.1", "That is the probability; the loss is -log of it."),
    ),
    _prediction(
        "sure_and_wrong",
        "The score is 200, the truth 0. What does BCELoss of the sigmoid give?",
        Choice("200", "BCEWithLogitsLoss does. The sigmoid rounds to exactly 1."),
        Choice("infinity", "log(0) would be; but BCELoss cuts it off."),
        Choice("100, with gradient 0", "Cut off, and nothing is learned.", right=True),
    ),
    _prediction(
        "constant_start",
        "All parameters of a network start at 0.5. What happens to its three hidden units?",
        Choice("they learn different things", "Nothing tells them apart."),
        Choice("they stay equal for ever", "Equal values, equal gradients.", right=True),
        Choice("their gradients are 0", "They are not 0, but they are equal."),
    ),
    _prediction(
        "hook_returns",
        "A forward hook returns output * 0. What does the next layer get?",
        Choice("the output as it was", "That is so when the hook returns None."),
        Choice("zeros", "What a forward hook returns replaces the output.", right=True),
        Choice("an error", "It is allowed, and sometimes useful."),
    ),
    _prediction(
        "way_round",
        "The gradient at the input, through 20 layers as PyTorch makes them:",
        Choice("about equal with and without shortcut", "Each layer shrinks it."),
        Choice(
            "below 0.001 without, above 1000 with shortcut",
            "The shortcut passes it on, and each layer adds to it.",
            right=True,
        ),
        Choice("above 1000 without, below 0.001 with", "It is the other way round."),
    ),
    _prediction(
        "where_parameters_are",
        "Which stage has the most parameters?",
        Choice("the first, on the largest images", "A kernel does not grow with them."),
        Choice("the last, with the most channels", "in times out times 9.", right=True),
        Choice("all alike", "Twice the channels are four times the weights."),
    ),
    _prediction(
        "moved_digits",
        "Both networks read nearly all digits in the middle. The digits move by 4 of 16 "
        "columns. Who still reads over 80 % of them?",
        Choice("both", "The weights of the full network belong to places."),
        Choice("neither", "A convolution does the same at every place."),
        Choice("the convolutional one", "Its maximum forgets the place.", right=True),
    ),
)
