"""What every report needs: where figures are kept, at which commit they were measured, and how a block is replaced."""

import subprocess
from pathlib import Path

from core.models import ROOT

RESULTS = ROOT / "evaluation" / "RESULTS.md"


def commit() -> str:
    """The short name of the commit that is checked out; empty outside a checkout."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def replace(text: str, path: Path, *, start: str, end: str) -> None:
    """Put `text` between the marks `start` and `end` of a page; ValueError where they are missing."""
    before, rest = path.read_text().split(start, 1)
    _, after = rest.split(end, 1)
    path.write_text(f"{before}{start}\n{text}\n{end}{after}")
