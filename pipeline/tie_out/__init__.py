"""The seller's own sales export held against the warehouse, order by order.

Not here: how the warehouse is read; its rows are handed in.
"""
