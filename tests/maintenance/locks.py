"""The locks as they are read: what is pinned, for which Python, by which hashes, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support import ROOT

LOCKS = ROOT / "maintenance"
OWN = "slugline"


@dataclass(frozen=True)
class Pin:
    """One package of a lock: its requirement `name==version ; marker`, its hashes, and what asks for it."""

    requirement: Requirement
    hashes: tuple[str, ...]
    asked_by: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        (only,) = self.requirement.specifier
        assert only.operator == "==", self.requirement
        return only.version


def pins(name: str) -> list[Pin]:
    """The pins of the lock `maintenance/lock-<name>.txt`."""
    return list(_read(LOCKS / f"lock-{name}.txt"))


def _read(path: Path) -> Iterator[Pin]:
    blocks: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[:1] not in {"", " ", "#", "-"}:
            blocks.append([])
        if blocks:
            blocks[-1].append(line.strip().removesuffix("\\").strip())
    for head, *rest in blocks:
        reasons = [line.removeprefix("#").removeprefix(" via").strip() for line in rest if line.startswith("#")]
        yield Pin(
            Requirement(head),
            tuple(line.removeprefix("--hash=") for line in rest if line.startswith("--hash=")),
            tuple(reason for reason in reasons if reason and not reason.startswith("-c ")),
        )


def asked_for(*extras: str, group: str | None = "build") -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for by itself, by name: the core, these extras, and what builds the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    optional = project["project"]["optional-dependencies"]
    found: dict[str, list[Requirement]] = {}
    waiting = [*project["project"]["dependencies"], *(line for extra in extras for line in optional[extra])]
    waiting += project["dependency-groups"][group] if group else []
    while waiting:
        requirement = Requirement(waiting.pop())
        if canonicalize_name(requirement.name) == OWN:
            waiting += [line for extra in requirement.extras for line in optional[extra]]
        else:
            found.setdefault(canonicalize_name(requirement.name), []).append(requirement)
    return found
