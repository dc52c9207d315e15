"""The locks match pyproject.toml: nothing is missing, nothing is left over, everything has its hash."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from maintenance.locks import LOCKS, OWN, asked_for, pins
from support import ROOT

RENEW = "make lock renews the locks"
EXTRAS = {"test": ("dev",), "train": ("serve",)}
NAMES = ("test", "train", "installer")


@pytest.mark.parametrize("name", EXTRAS)
def test_every_dependency_is_pinned_at_a_version_that_is_admitted(name):
    pinned = pins(name)
    for package, requirements in asked_for(*EXTRAS[name]).items():
        found = [pin for pin in pinned if pin.name == package]
        assert found, f"{package} is not in lock-{name}.txt: {RENEW}"
        for requirement in requirements:
            for pin in found:
                assert requirement.specifier.contains(pin.version), f"{pin.requirement}, not {requirement}: {RENEW}"


@pytest.mark.parametrize("name", EXTRAS)
def test_nothing_is_pinned_that_nothing_asks_for(name):
    """Each pin is asked for by pyproject.toml, or by another pin; and what is said of pyproject.toml is so."""
    pinned = pins(name)
    names = {pin.name for pin in pinned}
    direct = set()
    for pin in pinned:
        assert pin.asked_by, f"nothing asks for {pin.requirement}"
        for reason in pin.asked_by:
            if reason.startswith(OWN):
                direct.add(pin.name)
            else:
                assert canonicalize_name(reason.partition(" ")[0].partition("[")[0]) in names, reason
    assert direct == set(asked_for(*EXTRAS[name])), RENEW


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_has_hashes_and_is_a_wheel_and_no_place_is_named(name):
    text = (LOCKS / f"lock-{name}.txt").read_text(encoding="utf-8")
    assert "--only-binary :all:" in text.splitlines()
    assert "://" not in text
    assert not re.search(r"^(-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host)\b", text, re.MULTILINE)
    assert pins(name)
    for pin in pins(name):
        assert pin.hashes, pin.requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", given) for given in pin.hashes), pin.requirement


def test_what_is_trained_with_is_what_is_tested():
    tested = {str(pin.requirement): set(pin.hashes) for pin in pins("test")}
    for name in ("train", "installer"):
        for pin in pins(name):
            assert set(pin.hashes) == tested[str(pin.requirement)], pin.requirement


def test_what_builds_the_package_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    group = {canonicalize_name(Requirement(line).name) for line in project["dependency-groups"]["build"]}
    assert {canonicalize_name(Requirement(line).name) for line in project["build-system"]["requires"]} <= group


def test_what_is_installed_here_asks_for_nothing_beyond_the_lock():
    """Of what the lock pins and this environment has at that very version, every dependency is pinned and admitted."""
    pinned = [pin for pin in pins("test") if pin.requirement.marker is None or pin.requirement.marker.evaluate()]
    versions = {pin.name: pin.version for pin in pinned}
    compared = 0
    for pin in pinned:
        try:
            found = distribution(pin.name)
        except PackageNotFoundError:
            continue
        if found.version != pin.version:
            continue
        for line in found.requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                version = versions.get(canonicalize_name(needed.name))
                assert version is not None, f"{pin.name} needs {needed}, which is not locked: {RENEW}"
                assert needed.specifier.contains(version, prereleases=True), f"{pin.name} needs {needed}: {RENEW}"
                compared += 1
    if not compared:
        pytest.skip("nothing here is installed at the locked version")
