"""Compares the seller's own sales export with the warehouse, order by order.

Not here: reading the warehouse; the caller passes its rows.
"""
