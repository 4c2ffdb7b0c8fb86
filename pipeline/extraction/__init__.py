"""Which pages to ask for, and the proof that they are all there.

What asks passes on what the client raises once its own retries did not help.
Not here: how a request travels (`mercadolibre/`) and how its answer is kept
(`landing/`).
"""
