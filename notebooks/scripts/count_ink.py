"""Count the pixels that hold ink. The notebook sets the name `pixels` before."""

seen = pixels
ink = (seen > 0).sum().item()
print(f"{ink} of {seen.numel()} pixels hold ink")
