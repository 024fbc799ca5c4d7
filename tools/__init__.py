"""What maintainers run; each module runs as `python -m tools.NAME` from the root."""
