"""Annif: registry, project and `suggest`, as `annif suggest` does it. `python one_annif.py MODEL_FOLDER ARTICLE`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "adapters"))
from with_annif import started

with started(Path(sys.argv[1])) as annif, open(sys.argv[2], encoding="utf-8") as stream:
    from annif.corpus import Document

    project = annif.registry.get_project("omikuji")
    print(project.suggest([Document(text=stream.read())]).array)
