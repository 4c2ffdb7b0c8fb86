"""A Mercado Libre to try things on: data made from a seed, served as documented.

`world` makes the data, `app` answers over HTTP, `switches` says how badly it behaves,
`server` puts it on a port. It shares no code with the pipeline, so that neither can
hide the other's mistakes.
"""
