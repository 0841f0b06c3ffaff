"""The table of a library on disk: one Parquet file that is whole at every moment, and knows what its rows rest on.

The file is replaced as a whole, by renaming, so a reader or a kill never meets half of one. Its schema's metadata
carries, under METADATA_KEY, JSON with the model's name, the digest of the weights and the feature parameters; rows
made with other weights are not taken up again.
"""

import hashlib
import json
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from classifiers.listener import NAMES
from core import features
from core.errors import UserError
from core.models import WEIGHTS
from pipelines.library_rows import COLUMNS, Row

METADATA_KEY = b"synthesete"
MODEL = "synthesete-ears"
FLUSH_ROWS, FLUSH_S = 20, 10.0
_WRITING_SHARE = 0.05  # of the time at most: a table of a million rows takes seconds to write
_CARDS, _LOGS = {".md", ".jpg", ".png"}, {"out_of_fold.json"}


@dataclass(frozen=True)
class Known:
    """What a row says of its file: the size and time it had, and whether it was refused."""

    size_bytes: int
    modified_ns: int
    failed: bool


def weights_digest(weights: Path = WEIGHTS) -> str:
    """16 hex digits that change with any file of the classifiers except their cards and logs."""
    sha = hashlib.sha256()
    files = sorted(path for name in NAMES for path in (weights / name).iterdir() if path.is_file())
    for path in files:
        if path.suffix in _CARDS or path.name in _LOGS:
            continue
        sha.update(f"{path.parent.name}/{path.name}".encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()[:16]


def metadata() -> dict[str, Any]:
    """What the rows rest on."""
    return {"model": MODEL, "weights": weights_digest(), "features": features.PARAMETERS}


def schema() -> pa.Schema:
    """Columns and metadata of a table written now."""
    types = {"timestamp[ns, tz=UTC]": pa.timestamp("ns", tz="UTC")}
    columns = [(name, types.get(kind) or pa.type_for_alias(kind)) for name, kind in COLUMNS.items()]
    return pa.schema(columns, metadata={METADATA_KEY: json.dumps(metadata(), sort_keys=True).encode()})


class Table:
    """Rows that are there and rows that come in; `save` writes both, sorted by path."""

    def __init__(self, out: Path, *, fresh: bool = False) -> None:
        """Take up `out` where it exists; `fresh` ignores what is in it.

        Raises UserError when the file is something else than a library's table.
        """
        self._out = out
        self._schema = schema()
        self._new: list[Row] = []
        self._saved_s, self._write_s = time.monotonic(), 0.0
        self.outdated = False
        self._rows = self._schema.empty_table()
        self._on_disk = 0
        if not fresh and out.exists():
            self._take_up(*_read(out))

    def known(self) -> dict[str, Known]:
        """What is already described, by path."""
        there = self._rows.select(["path", "size_bytes", "modified", "error"]).to_pydict()
        times = self._rows["modified"].cast(pa.int64()).to_pylist()
        rows = zip(there["path"], there["size_bytes"], times, there["error"], strict=True)
        return {path: Known(size, modified, error is not None) for path, size, modified, error in rows}

    def keep(self, paths: Collection[str]) -> None:
        """Forget every row but those of `paths`."""
        wanted = pa.array(sorted(paths), pa.string())
        self._rows = self._rows.filter(pc.is_in(self._rows["path"], value_set=wanted))

    def add(self, row: Row) -> None:
        """Take a row in (columns that it lacks are null); written when it is time."""
        self._new.append(row)
        passed_s = time.monotonic() - self._saved_s
        due = len(self._new) >= FLUSH_ROWS or passed_s >= FLUSH_S
        if due and passed_s >= self._write_s / _WRITING_SHARE:
            self.save()

    def save(self) -> None:
        """Write everything that is not on disk as it is; the file appears complete or not at all."""
        if not self._new and self._rows.num_rows == self._on_disk:
            return
        started = time.monotonic()
        fresh = pa.Table.from_pylist(self._new, schema=self._schema)
        table = pa.concat_tables([self._rows, fresh]).sort_by("path")
        self._out.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._out.with_name(f".{self._out.name}.{os.getpid()}.writing")
        try:
            pq.write_table(table, scratch, compression="zstd")
            os.replace(scratch, self._out)
        finally:
            scratch.unlink(missing_ok=True)
        self._rows, self._new, self._on_disk = table, [], table.num_rows
        self._saved_s = time.monotonic()
        self._write_s = self._saved_s - started

    def __len__(self) -> int:
        return self._rows.num_rows + len(self._new)

    def _take_up(self, rows: pa.Table, about: dict[str, Any]) -> None:
        self.outdated = about != metadata() or not rows.schema.equals(self._schema)
        if not self.outdated:
            self._rows = rows.replace_schema_metadata(self._schema.metadata)
            self._on_disk = rows.num_rows


def _read(path: Path) -> tuple[pa.Table, dict[str, Any]]:
    try:
        table = pq.read_table(path)
        return table, json.loads((table.schema.metadata or {})[METADATA_KEY])
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise UserError(f"{path.name} is not a library's table.", "Choose another --out, or give --fresh.") from error
