"""The sales report: one page that a shop owner opens and understands.

Reads the published warehouse and writes HTML. Not here: what a figure means
(`sql/marts`), and the command (`cli/report.py`).
"""
