"""Read-only answers about a data folder: status, doctor, explain; and docs/tables.md.

Nothing here writes into the folder or changes what a sync does.
"""
