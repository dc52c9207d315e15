"""`make audit`: vulnerable, clean, or nothing reached, and never the last taken for clean."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from network.watched import namespaces_are_permitted, watched
from support import ROOT

AUDIT = ROOT / "maintenance" / "audit.py"
NO_DATA = "no data on vulnerabilities could be reached: NOTHING WAS CHECKED\n"
NEEDS_PIP_AUDIT = pytest.mark.skipif(
    importlib.util.find_spec("pip_audit") is None, reason="pip-audit, of the extra dev, is not installed"
)


@pytest.fixture
def judged(tmp_path):
    """What is made of a result of pip-audit: the exit code and the lines."""

    def judge(*packages):
        (tmp_path / "result.json").write_text(json.dumps({"dependencies": packages, "fixes": []}), encoding="utf-8")
        command = [sys.executable, AUDIT, "--result", tmp_path / "result.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return judge


def test_a_known_vulnerability_fails_and_is_named(judged):
    found = {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["1.2"], "description": "Bad."}
    clean = {"name": "numpy", "version": "2.4", "vulns": []}
    code, said, _ = judged({"name": "requests", "version": "1.0", "vulns": [found]}, clean)
    assert code == 1
    assert "requests 1.0: PYSEC-1, CVE-2026-1; mended in: 1.2" in said
    assert "1 of 2 packages have known vulnerabilities" in said


def test_what_the_data_do_not_know_is_named(judged):
    code, said, _ = judged(
        {"name": "numpy", "version": "2.4", "vulns": []}, {"name": "own", "skip_reason": "Dependency not found"}
    )
    assert code == 0
    assert said == ("NOT CHECKED, since the data do not know them: own\n0 of 1 packages have known vulnerabilities\n")


def test_a_result_of_skipped_packages_alone_is_not_clean(judged):
    """As pip-audit has it where an index of packages answers that carries no data on vulnerabilities."""
    assert judged({"name": "numpy", "skip_reason": "Dependency not found"}) == (0, NO_DATA, "")


@NEEDS_PIP_AUDIT
@pytest.mark.skipif(not namespaces_are_permitted(), reason="no network namespace may be made here")
def test_without_a_network_it_says_that_nothing_was_checked(tmp_path):
    (tmp_path / "lock.txt").write_text("numpy==2.4.6 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    (tmp_path / "home").mkdir()
    done = watched([sys.executable, AUDIT, "--lock", tmp_path / "lock.txt"], tmp_path, tmp_path / "home")
    assert (done.returncode, done.stdout) == (0, NO_DATA), done.stderr


@NEEDS_PIP_AUDIT
def test_a_lock_that_is_none_is_not_taken_for_a_lack_of_data(tmp_path):
    (tmp_path / "lock.txt").write_text("numpy>=2\n", encoding="utf-8")
    command = [sys.executable, AUDIT, "--lock", tmp_path / "lock.txt"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "numpy" in done.stderr
