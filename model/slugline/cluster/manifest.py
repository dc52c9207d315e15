"""What an output folder holds: the job that made it, its chunks, and which of them are done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from slugline import __version__
from slugline.cluster.chunks import Chunk, to_dict
from slugline.cluster.storage import Folder, InputFile, shown
from slugline.cluster.writing import Format
from slugline.errors import OutputError

FORMAT = 1
FILE = "_manifest.json"
SUCCESS = "_SUCCESS"
CHUNKS = "_chunks"
"""The folder of the records of finished chunks, until all are."""


@dataclass(frozen=True, slots=True)
class Job:
    """What decides the bytes of the output: the model, what is asked of it, and the files it is asked about."""

    model: str
    """The model file's digest."""
    vocabulary: str | None
    """The digest of tags and names from elsewhere, None where there are none."""
    output: Format
    top: int | None
    explain: bool
    chunk_bytes: int
    inputs: tuple[InputFile, ...]

    def to_dict(self) -> dict[str, Any]:
        """The job for a manifest; two jobs are the same where these are."""
        return {"slugline": __version__, **asdict(self), "inputs": [asdict(file) for file in self.inputs]}


@dataclass(frozen=True, slots=True)
class Done:
    """The record of a finished chunk: its output file with size in bytes and digest, its articles and bad rows."""

    file: str
    bytes: int
    sha256: str
    articles: int
    bad_rows: int
    errors: list[str] = field(default_factory=list)
    """The errors of the first bad rows."""


def part_name(number: int, form: Format) -> str:
    """The name of a chunk's output file.

    >>> part_name(7, "jsonl")
    'part-00007.jsonl'
    """
    return f"part-{number:05}.{form}"


def record_name(number: int) -> str:
    """The name of a chunk's record."""
    return f"{CHUNKS}/part-{number:05}.json"


def read_plan(folder: Folder, job: Job) -> list[Chunk] | None:
    """The chunks of the same job, begun or finished in this folder earlier; None where the folder is new.

    Raises OutputError where the folder holds something else.
    """
    manifest = folder.read_json(FILE)
    if manifest is None:
        names = [name for name in folder.sizes() if not name.startswith(".")]
        if names:
            raise OutputError(
                "the folder is not empty", file=shown(folder.url), found=names[0], expected="a new or an empty folder"
            )
        return None
    found = manifest.get("job") if isinstance(manifest, dict) else None
    if not isinstance(found, dict) or manifest.get("format") != FORMAT:
        raise OutputError("not a manifest of this version of Slugline", file=f"{shown(folder.url)}/{FILE}")
    wanted = job.to_dict()
    changed = [key for key in wanted if found.get(key) != wanted[key]]
    if changed:
        raise OutputError(
            f"the folder holds the output of another job, with other {' and '.join(changed)}",
            file=shown(folder.url),
            expected="the same job, or another folder",
        )
    return [Chunk(**chunk) for chunk in manifest["chunks"]]


def read_done(folder: Folder, chunks: int, *, skip_bad: bool) -> dict[int, Done]:
    """The records of the finished chunks, by chunk: those whose output file is there in its size.

    A chunk that skipped bad rows is not finished for a job that may not.
    """
    manifest = folder.read_json(FILE)
    if manifest and manifest["complete"]:
        records = dict(enumerate(manifest["parts"]))
    else:
        known = {record_name(number): number for number in range(chunks)}
        names = [name for name in (f"{CHUNKS}/{name}" for name in folder.sizes(CHUNKS)) if name in known]
        records = {known[name]: record for name, record in zip(names, folder.read_jsons(names), strict=True)}
    sizes = folder.sizes()
    found = {number: Done(**record) for number, record in records.items() if record is not None}
    return {
        number: done
        for number, done in found.items()
        if sizes.get(done.file) == done.bytes and (skip_bad or not done.bad_rows)
    }


def write_plan(folder: Folder, job: Job, chunks: list[Chunk]) -> None:
    """Write the manifest of a job that begins. Raises OutputError."""
    folder.write_json(FILE, _manifest(job, chunks))


def write_success(folder: Folder, job: Job, chunks: list[Chunk], done: list[Done]) -> None:
    """Write the manifest of a job that is finished, then `_SUCCESS`, and clear up. Raises OutputError."""
    counts = {"articles": sum(part.articles for part in done), "bad_rows": sum(part.bad_rows for part in done)}
    parts = [asdict(part) for part in done]
    folder.write_json(FILE, _manifest(job, chunks) | {"complete": True, **counts, "parts": parts})
    with folder.writing(SUCCESS) as temporary:
        temporary.write_bytes(b"")
    folder.remove(CHUNKS)


def _manifest(job: Job, chunks: list[Chunk]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "complete": False,
        "job": job.to_dict(),
        "chunks": [to_dict(chunk) for chunk in chunks],
    }
