from typing import Any

from torch import nn
from torch.nn import functional as F

from exercises._samples import floats
from exercises.chapter_03._shared import demand_alone, demand_shapes
from helpers.grading.exercise import edit
from helpers.grading.modules import ModuleExercise, as_module, filled


def _look_at_block(result: Any, into: int, out: int, stride: int) -> Any:
    """What a block computes in eval(), when its parameters have the right shapes."""
    block = as_module(result)
    images = floats(2, into, 4, 4, seed=11)
    if not list(block.parameters()) and block(images) is ...:
        return ...
    wanted = [(out, into, 3, 3), (out, out, 3, 3), *[(out,)] * 4]
    if stride != 1 or into != out:
        wanted += [(out, into, 1, 1), (out,), (out,)]
    demand_shapes(block, wanted)
    output = filled(block).eval()(images)
    demand_alone(block, images, output)
    return output


exercise = ModuleExercise(
    "ResidualBlock(into, out, stride)",
    title="the block of a ResNet",
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
    cases=[
        lambda: (4, 4, 1),
        lambda: (2, 4, 2),
        lambda: (2, 3, 1),
        lambda: (1, 1, 1),
        lambda: (3, 3, 2),
    ],
    look=_look_at_block,
    then="with other numbers in its parameters, in eval(), it was given two images of 4×4",
    hints=(
        "Two attributes: self.body, an nn.Sequential of five layers, and self.shortcut.",
        "nn.Identity() returns its input; it is the shortcut where nothing changes.",
        "nn.Conv2d(into, out, 3, stride, padding=1, bias=False) is the first layer.",
        "(self.body(images) + self.shortcut(images)).relu()",
    ),
)


@exercise.answer(
    why="The body only has to learn what to add; the shortcut carries the rest unchanged."
)
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
        if stride != 1 or into != out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, images):
        return (self.body(images) + self.shortcut(images)).relu()


@exercise.right
class _(nn.Module):
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


exercise.right(
    edit(
        "(self.body(images) + self.shortcut(images)).relu()",
        "F.relu(torch.add(self.shortcut(images), self.body(images)))",
    )
)

exercise.mistake(
    "the ReLU comes after the sum",
    edit(
        "(self.body(images) + self.shortcut(images)).relu()",
        "self.body(images).relu() + self.shortcut(images)",
    ),
)
exercise.mistake(
    "the ReLU after the sum is missing",
    edit(
        "(self.body(images) + self.shortcut(images)).relu()",
        "self.body(images) + self.shortcut(images)",
    ),
)
exercise.mistake(
    "the shortcut is not added, so this is no residual block",
    edit(" + self.shortcut(images)", ""),
)
exercise.mistake(
    "where nothing changes, the shortcut is the input itself: nn.Identity()",
    edit("stride != 1 or into != out", "True"),
)
exercise.mistake(
    "the convolutions need no bias: batch norm subtracts it again",
    edit("bias=False", "bias=True", count=3),
)
exercise.mistake(
    "the stride belongs to the first convolution of the body, not to the second",
    edit("into, out, 3, stride, padding", "into, out, 3, padding").edit(
        "out, out, 3, padding", "out, out, 3, stride, padding"
    ),
)
exercise.mistake("the ReLU between the two convolutions is missing", edit("nn.ReLU(),", ""))
exercise.mistake(
    "without padding=1 the 3×3 convolutions make the images smaller",
    edit("padding=1, ", "", count=2),
)

exercise.rejected(
    "Error",
    edit("stride != 1 or into != out", "into != out").edit("out, 1, stride", "out, 1"),
)
exercise.rejected(
    "for a batch of one it gives shape (4, 4, 4); expected (1, 4, 4, 4)",
    edit(
        "(self.body(images) + self.shortcut(images)).relu()",
        "(self.body(images) + self.shortcut(images)).relu().squeeze()",
    ),
)
exercise.rejected("2×4×4×4", edit("self.body(images) + ", ""))
exercise.rejected(
    "parameters() gives shapes",
    edit("stride != 1 or into != out", "stride > 2 or into != out"),
)
