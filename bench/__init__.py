"""Benchmarks: ratios inside one run, printed as a table. `python -m bench [NAME…]`; figures in docs/benchmarks.md."""
