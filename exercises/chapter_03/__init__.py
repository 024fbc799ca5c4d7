"""The exercises of chapter 03, nn layers: the names of their modules, in order."""

ORDER = (
    "scale",
    "mlp",
    "convolve",
    "output_size",
    "batch_norm",
    "drop",
    "last_outputs",
    "attention",
    "stable_softmax",
    "focal_loss",
    "initialise",
    "count_parameters",
    "residual_block",
    "middle_features",
    "accuracy_when_shifted",
)
