"""The sandbox over HTTP, as Mercado Libre's documents describe it, faults included.

Not here: what is served (`world/`).
"""
