"""The engine of the exercises.

Declared: `exercise`, `answers`, `modules`, `prediction`. Called by a learner: `attempt`.
Graded: `grade`, with `_running` (how an answer is run) and `_outcome` (what that led to).
Shown: `_report`, `_progress_table`. Stored: `progress`.
"""
