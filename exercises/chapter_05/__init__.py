"""The exercises of chapter 05, data loading: the names of their modules, in order."""

ORDER = (
    "only_digit",
    "batches_by_hand",
    "collate_with_mask",
    "weights_for",
    "split_by_class",
    "deal_out",
    "to_picture",
    "flip_boxes",
    "join_statistics",
    "build_vocabulary",
    "cut_windows",
    "read_folder",
    "recall",
)
