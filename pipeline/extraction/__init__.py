"""Which pages to ask for, and the proof that they are all there.

Not here: how a request travels (`mercadolibre/`) and how its answer is kept
(`landing/`).
"""
