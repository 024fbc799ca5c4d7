"""The course as a static site: `make site`, or `python -m tools.site [FOLDER]`.

A journey through the modules, in the order in which they work:

1. `course.py`: what the site is made of: which files become pages, and what is set from outside.
2. `links.py`: links of the repository become links of the site.
3. `chapters.py`: a chapter's notebook with its predictions and exercises folded.
4. `pages.py`: every other page, the front page and the index of topics among them.
5. `build.py`: writes these sources, lets Sphinx make pages of them, and reads every page again.
6. `extension.py`: what Sphinx is taught: formulas without a script, figures with their words.
"""
