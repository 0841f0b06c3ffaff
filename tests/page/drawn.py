"""What a drawing's paths say, for tests of the page."""

import re


def xs(path: str) -> list[float]:
    """Where the strokes of a path begin."""
    return [float(x) for x in re.findall(r"M([\d.]+)", path)]


def path_of(html: str, kind: str) -> str:
    """The path that has the attribute `kind`."""
    found = re.search(rf'<path {kind} ?d="([^"]*)"', html)
    assert found, kind
    return found[1]
