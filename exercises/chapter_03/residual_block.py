"""Exercise ResidualBlock: the block that ResNets are made of."""

from typing import Any

from exercises._samples import floats
from exercises.chapter_03._shared import demand_shapes
from helpers.grading.exercise import KnownMistake, RejectedAnswer
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
    mistakes=(
        KnownMistake(
            _block("self.body(images).relu() + self.shortcut(images)"),
            "the ReLU comes after the sum",
        ),
        KnownMistake(
            _block("self.body(images) + self.shortcut(images)"),
            "the ReLU after the sum is missing",
        ),
        KnownMistake(
            _block("self.body(images).relu()"),
            "the shortcut is not added, so this is no residual block",
        ),
        KnownMistake(
            _block(_SUM, "True"),
            "where nothing changes, the shortcut is the input itself: nn.Identity()",
        ),
        KnownMistake(
            _block(_SUM).replace("bias=False", "bias=True"),
            "the convolutions need no bias: batch norm subtracts it again",
        ),
        KnownMistake(
            _block(_SUM)
            .replace("into, out, 3, stride, padding", "into, out, 3, padding")
            .replace("out, out, 3, padding", "out, out, 3, stride, padding"),
            "the stride belongs to the first convolution of the body, not to the second",
        ),
        KnownMistake(
            _block(_SUM).replace("                nn.ReLU(),\n", ""),
            "the ReLU between the two convolutions is missing",
        ),
        KnownMistake(
            _block(_SUM).replace("padding=1, ", ""),
            "without padding=1 the 3×3 convolutions make the images smaller",
        ),
    ),
    rejected=(
        RejectedAnswer(_block(_SUM, "into != out").replace("1, stride, bias", "1, bias"), "Error"),
        RejectedAnswer(_block("self.shortcut(images).relu()"), "2×4×4×4"),
    ),
)
