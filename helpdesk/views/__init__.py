"""Reads: queue, card, report, counts. Plain SQL over the bare driver; frozen rows or contract dictionaries out."""
