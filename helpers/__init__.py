"""What the notebooks import; the tree in CONTRIBUTING.md says what each part is for.

Importing this package costs nothing; each module imports what it needs.
"""
