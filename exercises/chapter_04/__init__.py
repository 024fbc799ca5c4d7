"""The exercises of chapter 04, training: the names of their modules, in order."""

ORDER = (
    "train_epoch",
    "adam_step",
    "decay_groups",
    "rate_factor",
    "suggest_rate",
    "l1_penalty",
    "best_epoch",
    "clip_together",
    "smooth_targets",
    "mixup",
    "accumulate",
    "per_class",
    "validate",
    "moved",
)
