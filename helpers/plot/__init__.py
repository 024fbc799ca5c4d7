"""What draws in the course and is not its subject: palette, image grids, diagrams, words.

Every figure of a chapter ends with `plot.show(figure)`, which displays it with a text
that says what it shows. The diagrams (`storage`, `broadcasting`, `along_dim`, `gather`,
`scatter`, `matrix`, `graph`) are drawn from live tensors: what they show is what PyTorch holds.
"""

from helpers.plot.alternative import describe, png, show
from helpers.plot.axes import along_dim, broadcasting
from helpers.plot.graph import graph
from helpers.plot.grids import matrix
from helpers.plot.images import image_grid
from helpers.plot.memory import storage
from helpers.plot.moving import gather, scatter
from helpers.plot.palette import OKABE_ITO, style

__all__ = [
    "OKABE_ITO",
    "along_dim",
    "broadcasting",
    "describe",
    "gather",
    "graph",
    "image_grid",
    "matrix",
    "png",
    "scatter",
    "show",
    "storage",
    "style",
]
