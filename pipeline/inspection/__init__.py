"""Read-only answers about a data folder: status, doctor, explain.

Nothing here writes into the folder or changes what a sync does.
"""
