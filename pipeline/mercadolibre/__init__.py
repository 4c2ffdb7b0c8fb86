"""Speaks HTTP with Mercado Libre: pages and typed errors come out, nothing is kept.

Which pages to ask for is `extraction/`'s business, what they mean `frames/`'s.
"""
