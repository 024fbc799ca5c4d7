"""The exercises of chapter 02, autograd: the names of their modules, in order."""

ORDER = (
    "slope",
    "multiply_gradients",
    "tanh_gradient",
    "backward_order",
    "unbroadcast",
    "matmul_gradients",
    "descend",
    "jacobian_table",
    "student_loss",
    "clipped",
    "newton_step",
    "gradient_penalty",
    "straight_through",
    "safe_log",
    "per_sample_gradients",
    "mse_gradient",
    "ridge_slope",
    "newton_fit",
    "fit_line",
)
