"""The exercises of chapter 01, tensors: the names of their modules, in order."""

ORDER = (
    "grid",
    "to_unit_range",
    "storage_position",
    "channels_first",
    "every_other_column",
    "without_negatives",
    "accuracy",
    "chosen_scores",
    "one_hot",
    "stack_channels",
    "differences",
    "row_shares",
    "fit_line",
    "snapshot",
    "dominant_period",
    "standardise",
    "nearest",
)
