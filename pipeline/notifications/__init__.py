"""Mercado Libre's notifications: received at once, kept until they are followed.

Not here: following them (`sync/notified.py`).
"""
