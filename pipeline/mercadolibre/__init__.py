"""Speaks HTTP with Mercado Libre: pages and typed errors come out, nothing is stored.

Not here: which pages to request (`extraction/`), and what they mean (`frames/`).
"""
