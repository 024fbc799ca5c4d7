"""The engine of the exercises: what is declared, graded, shown and stored."""
