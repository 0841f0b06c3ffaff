"""Where results lie while the server runs: one folder of this process, one unguessable subfolder per job.

SYNTHESETE_OUTPUTS names the folder; without it a temporary one is made and removed when the process ends. Either way
subfolders older than a day are removed when new ones are made.
"""

import atexit
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

KEPT_S = 24 * 3600.0
PIECES_KEPT_S = 120.0


@cache
def outputs_folder() -> Path:
    """The folder of this process, made on the first call."""
    named = os.environ.get("SYNTHESETE_OUTPUTS", "")
    if named:
        folder = Path(named).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    folder = Path(tempfile.mkdtemp(prefix="synthesete-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def job_folder() -> Iterator[Path]:
    """A fresh folder for one job's files; it goes again when the job fails and leaves it empty."""
    root = outputs_folder()
    sweep(root)
    folder = root / secrets.token_hex(12)
    folder.mkdir(parents=True)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def piece_folder() -> Iterator[Path]:
    """A fresh folder for the pieces of a stream; it goes at once when the job fails, else a while after its end.

    A page on a slow line still fetches pieces when the finished clip is there.
    """
    with job_folder() as folder:
        yield folder
        later = threading.Timer(PIECES_KEPT_S, shutil.rmtree, (folder,), {"ignore_errors": True})
        later.daemon = True
        later.start()


def sweep(root: Path, *, older_than_s: float = KEPT_S) -> int:
    """Remove job folders that were last written more than `older_than_s` ago; returns how many."""
    limit, removed = time.time() - older_than_s, 0
    for folder in root.iterdir():
        is_ours = len(folder.name) == 24 and not set(folder.name) - set("0123456789abcdef")
        if is_ours and folder.is_dir() and folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
