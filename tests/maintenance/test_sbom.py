"""`make sbom`: every part with its licence, valid, and twice the same bytes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest

from maintenance.locks import pins
from support import ROOT

pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib, of the extra dev, is not installed")
SBOM = ROOT / "maintenance" / "sbom.py"


def sbom(*arguments):
    command = [sys.executable, SBOM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    for pin in pins("test"):
        if pin.requirement.marker is None or pin.requirement.marker.evaluate():
            try:
                found = version(pin.name)
            except PackageNotFoundError:
                found = None
            if found != pin.version:
                pytest.skip(f"{pin.requirement} is locked, but not what is installed here; make test installs it")
    made = tmp_path_factory.mktemp("sbom") / "slugline.cdx.json"
    done = sbom("--out", made)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def bill(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_it_is_made_twice_the_same(path, tmp_path):
    assert sbom("--out", tmp_path / "again.json").returncode == 0
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert "timestamp" not in path.read_text(encoding="utf-8")


def test_every_locked_package_is_in_it_by_version_and_hash(bill):
    found = {part["purl"]: part for part in bill["components"] if part.get("purl", "").startswith("pkg:pypi/")}
    here = [pin for pin in pins("test") if pin.requirement.marker is None or pin.requirement.marker.evaluate()]
    assert set(found) == {f"pkg:pypi/{pin.name}@{pin.version}" for pin in here}
    for pin in here:
        properties = found[f"pkg:pypi/{pin.name}@{pin.version}"]["properties"]
        assert {f"sha256:{each['value']}" for each in properties} == set(pin.hashes)


def test_every_part_has_a_licence(bill):
    assert [part["name"] for part in bill["components"] if not part.get("licenses")] == []


def test_the_scope_tells_what_a_user_gets(bill):
    scopes = {part["name"].lower(): part.get("scope") for part in bill["components"]}
    assert {name: scopes[name] for name in ("numpy", "typer", "click", "dask", "altair", "vega", "pytest", "uv")} == {
        **dict.fromkeys(("numpy", "typer", "click"), "required"),
        **dict.fromkeys(("dask", "altair", "vega"), "optional"),
        **dict.fromkeys(("pytest", "uv"), "excluded"),
    }


def test_what_is_shipped_is_in_it_by_its_hash(bill):
    parts = {part["name"]: part for part in bill["components"]}
    for name, path in (("news-en", "models/news-en.safetensors"), ("starter corpus", "starter/articles.jsonl")):
        (given,) = parts[name]["hashes"]
        assert given == {"alg": "SHA-256", "content": hashlib.sha256((ROOT / "data" / path).read_bytes()).hexdigest()}


def test_what_needs_what_is_whole(bill):
    names = {part["bom-ref"] for part in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    needed = {each["ref"]: set(each.get("dependsOn", ())) for each in bill["dependencies"]}
    assert set().union(*needed.values()) <= names
    (typer,) = [ref for ref in names if ref.startswith("pkg:pypi/typer@")]
    assert any(ref.startswith("pkg:pypi/rich@") for ref in needed[typer])


def test_what_is_not_cyclonedx_is_refused(path, bill, tmp_path):
    assert sbom("--check", path).returncode == 0
    (tmp_path / "wrong.json").write_text(json.dumps(bill | {"components": [{"name": "no type"}]}), encoding="utf-8")
    done = sbom("--check", tmp_path / "wrong.json")
    assert done.returncode == 1
    assert "not CycloneDX 1.6" in done.stderr
