"""Downloading one file with the standard library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from slugline import __version__
from slugline.errors import CorpusError
from slugline.progress import Progress, silent

if TYPE_CHECKING:
    import http.client

TIMEOUT = 60.0
"""Seconds without an answer, or without a further byte, after which a download is given up."""

_CHUNK = 1 << 16


def download(address: str, target: Path, progress: Progress = silent, *, stage: str = "downloading") -> int:
    """Write what `address` (http or https) gives to the file `target`; returns the number of bytes.

    Progress counts bytes. Raises CorpusError naming the address if it does not answer, answers with an error, stops
    before the length it announced, or falls silent; OSError if `target` cannot be written.
    """
    # Imported here: it takes longer than the rest of the catalogue.
    import http.client
    import urllib.error
    import urllib.request

    if not address.startswith(("https://", "http://")):
        raise CorpusError("not a web address", file=address, expected="https://...")
    request = urllib.request.Request(address, headers={"User-Agent": f"slugline/{__version__}"})
    done = 0
    with target.open("wb") as stream:
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                length = answer.headers.get("Content-Length")
                total = int(length) if length and length.isdigit() else None
                progress(stage, 0, total)
                while chunk := _read(answer, address):
                    stream.write(chunk)
                    done += len(chunk)
                    progress(stage, done, total)
        except urllib.error.HTTPError as error:
            raise CorpusError(
                f"cannot download: the server answers {error.code} {error.reason}", file=address
            ) from error
        except (urllib.error.URLError, TimeoutError, http.client.HTTPException, ConnectionError) as error:
            reason = getattr(error, "reason", None) or error
            raise CorpusError(f"cannot download ({reason})", file=address) from error
    if total is not None and done < total:
        raise CorpusError(
            "the connection was cut; try again", file=address, found=f"only {done} bytes", expected=f"{total} bytes"
        )
    return done


def _read(answer: http.client.HTTPResponse, address: str) -> bytes:
    import http.client

    try:
        return answer.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise CorpusError(f"the connection was cut ({error}); try again", file=address) from error
