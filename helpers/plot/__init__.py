"""Drawing that the course uses but does not teach: palette, image grids, diagrams, words.

A cell with a figure ends with `plot.show(figure)`, which displays it with a text that says
what it shows. The diagrams (`storage`, `broadcasting`, `along_dim`, `gather`,
`scatter`, `matrix`, `graph`) are drawn from live tensors: what they show is what PyTorch holds.
"""

from helpers._palette import OKABE_ITO, style
from helpers.plot._alternative import describe
from helpers.plot._broadcasting import broadcasting
from helpers.plot._gather_scatter import gather, scatter
from helpers.plot._graph import graph
from helpers.plot._images import image_grid
from helpers.plot._matrix import along_dim, matrix
from helpers.plot._picture import png, sharpen_inline_figures, show
from helpers.plot._storage import storage

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

sharpen_inline_figures()
