"""Alerts: what an operator or a seller must know without looking, sent once.

Not here: `status`, `doctor` and the page of a month, which people look at
(`inspection/`, `report/`), and when alerts are looked for (`cli/`, `defs/`).
"""
