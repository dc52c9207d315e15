"""Machine code of the solvers: compiled by numba once on a machine, then loaded without it.

Importing numba and what it imports to load a function from its own cache takes longer than fitting 90 tags of 8,000
articles. What the ENTRIES of a module of sources (`blocks`, `tree.kernels`) become is kept as an object file, which
llvmlite alone, the binding of the compiler, brings into a process in a few milliseconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm

from slugline.errors import OutputError
from slugline.files import atomic_path

_SOURCES = ("blocks.py", "vectors.py", "random.py", "compiling.py", "machine.py")
_DIGEST = 32
_NEEDED = ("llvm.", "mem")
"""How names begin that machine code may want: instructions of LLVM, and the C library's functions to fill and copy."""

_lock = threading.Lock()
_loaded: dict[str, dict[str, int]] = {}
# What the addresses point into: it lives as long as the process.
_kept: list[Any] = []


@dataclass(frozen=True, slots=True)
class Unit:
    """What is compiled together: a module with ENTRIES, their names, and its sources in the folder of `learn`."""

    module: str
    names: tuple[str, ...]
    sources: tuple[str, ...] = ()


BLOCKS = Unit("slugline.learn.solvers.blocks", ("solve_block", "leave_out", "score_rows"))


def address(name: str, unit: Unit = BLOCKS) -> int:
    """Where the compiled function `name` of the unit's ENTRIES begins in this process's memory."""
    with _lock:
        if unit.module not in _loaded:
            _loaded[unit.module] = _load(unit)
    return _loaded[unit.module][name]


def _load(unit: Unit = BLOCKS) -> dict[str, int]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    key = _key(unit)
    code = next(filter(None, (_read(folder / key) for folder in _folders())), None)
    if code is None:
        code, functions = _compile(unit)
        _kept.append(functions)
        if code is None:
            return {name: function.address for name, function in functions.items()}
        _write(key, code)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _kept.append(engine)
    return {name: engine.get_function_address(name) for name in unit.names}


def _target() -> Any:
    """This processor, as numba compiles for it."""
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="static" if _is_x86() else "default",
        codemodel="jitdefault",
        jit=True,
    )


def _is_x86() -> bool:
    return str(llvm.get_process_triple()).startswith("x86")


def _compile(unit: Unit = BLOCKS) -> tuple[bytes | None, dict[str, Any]]:
    """The object file with all ENTRIES of a unit, and numba's functions; None where one of them needs numba."""
    import numba

    entries = import_module(unit.module).ENTRIES
    cfunc: Any = numba.cfunc
    functions = {
        name: cfunc(signature, nogil=True, error_model="numpy")(function)
        for name, (function, signature) in entries.items()
    }
    whole = llvm.parse_assembly("")
    for name, function in functions.items():
        module = llvm.parse_assembly(function.inspect_llvm())
        for one in module.functions:
            if one.name.startswith("cfunc."):
                one.name = name
            elif not one.is_declaration:
                # Of use to the entry alone: seen as a whole, it cannot fail, and what reports failures goes.
                one.linkage = "internal"
        for variable in module.global_variables:
            if not variable.is_declaration:
                variable.linkage = "internal"
        whole.link_in(module)
    target = _target()
    builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(whole, builder)
    if any(one.is_declaration and not one.name.startswith(_NEEDED) for one in whole.functions):
        return None, functions
    return target.emit_object(whole), functions


def _key(unit: Unit = BLOCKS) -> str:
    """The name of the file: another one for other sources, another compiler or another processor."""
    here = Path(__file__).parent
    parts = [(here / name).read_bytes() for name in _SOURCES]
    parts += [(here.parent / name).read_bytes() for name in unit.sources]
    said = (version("numba"), version("llvmlite"), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    digest = hashlib.sha256(b"\0".join([*parts, *(one.encode() for one in said)])).hexdigest()
    return f"{unit.module.rsplit('.', 1)[1]}-{digest[:16]}.o"


def _folders() -> list[Path]:
    """Where machine code may be kept: beside the bytecode of this package, else in the user's cache."""
    home = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else os.environ.get("XDG_CACHE_HOME")
    user = Path(home) if home else Path("~/.cache").expanduser()
    return [Path(__file__).parent / "__pycache__", user / "slugline"]


def _read(file: Path) -> bytes | None:
    """The machine code in a file; None where there is none, or not all of it."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _write(key: str, code: bytes) -> None:
    """Keep machine code where it can be; where it cannot, every process compiles anew."""
    for folder in _folders():
        with contextlib.suppress(OutputError), atomic_path(folder / key) as temporary:
            temporary.write_bytes(hashlib.sha256(code).digest() + code)
            return
