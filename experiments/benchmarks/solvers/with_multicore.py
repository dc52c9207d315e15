"""Multi-core LIBLINEAR on prepared rows, in LibMultiLabel's environment: `python with_multicore.py IN.npz OUT.npz`."""

from __future__ import annotations

import sys
import time

import numpy as np
from liblinear.liblinearutil import train
from scipy.sparse import csr_matrix


def main() -> None:
    """Fit every column of Y on X, both in IN, and write weights (d + 1, L), wall and CPU seconds to OUT."""
    given = np.load(sys.argv[1])
    X = csr_matrix((given["data"], given["indices"], given["indptr"]), shape=tuple(given["shape"]))
    options = f"-s 1 -B 1 -c {given['C']} -e {given['tol']} -m {given['threads']} -q"
    W = np.zeros((X.shape[1] + 1, given["Y"].shape[1]))
    wall, cpu = time.perf_counter(), time.process_time()
    for label, y in enumerate(given["Y"].T):
        model = train(np.where(y, 1.0, -1.0), X, options)
        # The model's first class, whose side its weights take, is that of the first row.
        sign = 1.0 if model.get_labels()[0] == 1 else -1.0
        found, bias = model.get_decfun()
        W[:-1, label], W[-1, label] = sign * np.array(found), sign * bias
    np.savez(sys.argv[2], W=W, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)


if __name__ == "__main__":
    main()
