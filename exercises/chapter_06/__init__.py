"""The exercises of chapter 06, visdom and TensorBoard: the names of their modules, in order."""

ORDER = (
    "last_values",
    "plottable",
    "as_html",
    "thin_places",
    "smoothed",
    "worst_mistakes",
    "mean_logger",
)
