"""Dagster's instance: its home, its event log, what it keeps; runs without a daemon.

Not here: what runs, and when (`defs/`).
"""
