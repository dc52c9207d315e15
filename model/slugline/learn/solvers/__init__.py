"""Compiled solvers (numba) for linear classifiers on sparse rows; imported only when something is fitted.

`dual` solves one label on some of the rows.
"""
