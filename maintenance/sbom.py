"""Writes the software bill of materials: every part of Slugline with version, licence and hashes, as CycloneDX JSON.

    python maintenance/sbom.py [--out FILE] [--check FILE]

The parts are what the lock names for this system and this Python, with what needs what, of which the installed packages
tell the licences; the JavaScript that reports carry; the model and the corpus that are shipped. `scope` is "required"
for what `pip install slugline` brings, "optional" for what only extras bring, "excluded" for what only tests and builds
need. The same installation gives the same bytes: there is no time of day and no random number in it. What is written
has been checked against the schema of CycloneDX, and --check does no more than that. Exits with 1 if it does not hold.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "maintenance" / "lock-test.txt"
OWN = "slugline"

LICENCES = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Classifiers that name one licence of SPDX. "BSD License" is not among them: there are several."""


FROM_THEIR_FILES = {"cleanlab": "Apache-2.0", "axe-playwright-python": "MIT"}
"""What the licence file says of packages whose metadata say nothing."""


@dataclass(frozen=True)
class Pin:
    """One package of the lock, for this system and this Python."""

    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: frozenset[str]


def main() -> None:
    """Make it or check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "slugline.cdx.json")
    parser.add_argument("--check", type=Path, metavar="FILE", help="check a file against the schema, and do no more")
    given = parser.parse_args()
    text = given.check.read_text(encoding="utf-8") if given.check else written(bill())
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"{given.check or given.out}: not CycloneDX 1.6: {str(wrong)[:500]}")
    if not given.check:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text, encoding="utf-8")
        print(f"wrote {given.out}")


def bill() -> Bom:
    """The bill of what is installed here; a LookupError names locked packages that are not."""
    pins = {pin.name: pin for pin in read_lock(LOCK)}
    needs = {name: {other.name for other in pins.values() if name in other.needed_by} for name in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    core = _reached(_names(project["dependencies"]), needs)
    extras = [line for extra, lines in project["optional-dependencies"].items() if extra != "dev" for line in lines]
    optional = _reached(_names(extras), needs) - core
    parts = {name: _component(pin, _scope(name, core, optional)) for name, pin in pins.items()}
    own = _own(project)
    made = Bom(components=[*parts.values(), *_scripts(parts), *_data()])
    made.metadata.component = own
    made.metadata.timestamp = None  # type: ignore[assignment]  # (the schema has it optional)
    made.metadata.tools.components.clear()
    for name, component in parts.items():
        made.register_dependency(component, [parts[needed] for needed in sorted(needs[name])])
    made.register_dependency(own, [parts[name] for name in sorted(parts.keys() & _names(project["dependencies"]))])
    return made


def read_lock(path: Path) -> Iterator[Pin]:
    """The pins whose markers hold here."""
    blocks: list[list[str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line[:1] not in {"", " ", "#", "-"}:
            blocks.append([])
        if blocks:
            blocks[-1].append(line.strip().removesuffix("\\").strip())
    for head, *rest in blocks:
        requirement = Requirement(head)
        if requirement.marker is None or requirement.marker.evaluate():
            (only,) = requirement.specifier
            hashes = [line.removeprefix("--hash=sha256:") for line in rest if line.startswith("--hash=sha256:")]
            reasons = [line.removeprefix("#").removeprefix(" via").strip() for line in rest if line.startswith("#")]
            needed_by = {canonicalize_name(re.split(r"[ \[]", reason)[0]) for reason in reasons if reason}
            yield Pin(canonicalize_name(requirement.name), only.version, tuple(hashes), frozenset(needed_by))


def written(made: Bom) -> str:
    """The bill as text; its serial number is made of what it says."""
    made.serial_number = uuid.UUID(int=0)
    text = JsonV1Dot6(made).output_as_string(indent=2)
    made.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, text)
    return JsonV1Dot6(made).output_as_string(indent=2) + "\n"


def _installed(pin: Pin) -> Distribution:
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        raise LookupError(f"{pin.name} is locked and not installed: make test installs it") from None
    if found.version != pin.version:
        raise LookupError(f"{pin.name} {found.version} is installed, {pin.version} is locked: make test installs it")
    return found


def _names(lines: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines} - {OWN}


def _reached(start: set[str], needs: dict[str, set[str]]) -> set[str]:
    """What is needed, directly or not."""
    found: set[str] = set()
    waiting = [*start]
    while waiting:
        name = waiting.pop()
        if name in needs and name not in found:
            found.add(name)
            waiting += needs[name]
    return found


def _scope(name: str, core: set[str], optional: set[str]) -> ComponentScope:
    if name in core:
        return ComponentScope.REQUIRED
    return ComponentScope.OPTIONAL if name in optional else ComponentScope.EXCLUDED


def _component(pin: Pin, scope: ComponentScope) -> Component:
    found = _installed(pin)
    url = PackageURL("pypi", None, pin.name, pin.version)
    return Component(
        name=found.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        scope=scope,
        purl=url,
        bom_ref=str(url),
        description=found.metadata["Summary"],
        licenses=list(_licences(found)),
        # A wheel for each system, and a hash for each wheel: a component's own hashes would be of one thing.
        properties=[Property(name=f"{OWN}:wheel:sha256", value=given) for given in pin.hashes],
    )


def _licences(found: Distribution) -> Iterator[License]:
    """As the package declares it: an SPDX expression, else its classifiers, else its word."""
    factory = LicenseFactory()
    declared = LicenseAcknowledgement.DECLARED
    if expression := found.metadata["License-Expression"]:
        yield factory.make_from_string(expression, license_acknowledgement=declared)
        return
    classifiers = [line for line in found.metadata.get_all("Classifier") or () if line.startswith("License :: ")]
    known = sorted({LICENCES[line] for line in classifiers if line in LICENCES})
    if known:
        yield factory.make_from_string(" OR ".join(known), license_acknowledgement=declared)
        return
    word = (found.metadata["License"] or "").strip()
    if word and "\n" not in word and len(word) < 80:
        yield factory.make_from_string(word, license_acknowledgement=declared)
    elif canonicalize_name(found.name) in FROM_THEIR_FILES:
        yield factory.make_from_string(FROM_THEIR_FILES[canonicalize_name(found.name)])
    elif classifiers:
        yield factory.make_with_name(classifiers[0].rpartition(" :: ")[2], acknowledgement=declared)


def _own(project: dict[str, object]) -> Component:
    version = distribution(OWN).version
    return Component(
        name=OWN,
        version=version,
        type=ComponentType.APPLICATION,
        purl=PackageURL("pypi", None, OWN, version),
        bom_ref=f"pkg:pypi/{OWN}@{version}",
        description=str(project["description"]),
        licenses=[LicenseFactory().make_from_string(str(project["license"]))],
    )


def _scripts(parts: dict[str, Component]) -> Iterator[Component]:
    """The JavaScript in reports, which vl-convert-python carries; the server's page has none but its own."""
    import vl_convert

    versions = {
        "vega": vl_convert.get_vega_version(),
        "vega-lite": vl_convert.get_vegalite_versions()[-1],
        "vega-embed": vl_convert.get_vega_embed_version(),
    }
    for name, version in versions.items():
        url = PackageURL("npm", None, name, version)
        yield Component(
            name=name,
            version=version,
            type=ComponentType.LIBRARY,
            scope=ComponentScope.OPTIONAL,
            purl=url,
            bom_ref=str(url),
            licenses=[LicenseFactory().make_from_string("BSD-3-Clause")],
            properties=[Property(name=f"{OWN}:carried-by", value=str(parts["vl-convert-python"].purl))],
        )


def _data() -> Iterator[Component]:
    """The model and the corpus that come with the package, by their hashes."""
    shipped = (
        ("news-en", ComponentType.MACHINE_LEARNING_MODEL, "data/models/news-en.safetensors", "CC-BY-SA-4.0"),
        ("starter corpus", ComponentType.DATA, "data/starter/articles.jsonl", "CC0-1.0"),
    )
    for name, kind, path, licence in shipped:
        digest = hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
        yield Component(
            name=name,
            type=kind,
            bom_ref=path,
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            licenses=[LicenseFactory().make_from_string(licence)],
            properties=[Property(name=f"{OWN}:path", value=path)],
        )


if __name__ == "__main__":
    main()
