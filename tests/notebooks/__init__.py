"""The regression suite: what nbval needs, and the rules that every notebook keeps."""
