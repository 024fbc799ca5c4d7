"""What the notebooks import: data, figures, explorers and exercises.

Importing this package costs nothing; each module imports what it needs.
"""
