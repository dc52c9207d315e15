"""What of a fitted head goes into the model file."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from slugline.learn.heads import cutoffs

VALUES = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 3.0])


@given(arrays(np.float64, (3, 8), elements=VALUES), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
def test_the_weights_kept_hold_their_share_and_equal_ones_stay_together(coef, keep):
    cutoff = cutoffs(coef, keep)
    for row, limit in zip(coef, cutoff, strict=True):
        kept = np.where(np.abs(row) > limit, row, 0.0)
        assert (kept**2).sum() >= keep * (row**2).sum() - 1e-12
        if keep == 1.0:
            assert limit == 0.0
        # One size more would be too much.
        sizes = np.unique(np.abs(kept[kept != 0]))
        if len(sizes):
            more = np.where(np.abs(kept) > sizes[0], kept, 0.0)
            assert keep == 1.0 or (more**2).sum() < keep * (row**2).sum() + 1e-12


def test_a_head_without_terms():
    assert cutoffs(np.zeros((2, 0)), 0.9).tolist() == [0.0, 0.0]
