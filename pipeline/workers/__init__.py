"""What workers on several machines share, in Redis: one pace, and who has a bucket.

Not here: the requests themselves (`mercadolibre/`), and when what runs (`buckets.py`).
"""
