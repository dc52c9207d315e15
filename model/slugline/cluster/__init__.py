"""Beyond one machine: batch prediction of partitioned files and training, on Dask distributed (extra `cluster`).

dask, distributed and fsspec are imported here and nowhere else, and only by the functions that need them.
"""
