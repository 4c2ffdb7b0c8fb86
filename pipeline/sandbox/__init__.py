"""A Mercado Libre to try things on: data made from a seed, served as documented.

`world/` makes the data, `server/` answers over HTTP and says how badly it behaves. It
shares no code with the pipeline but settings and sites, so that neither can hide the
other's mistakes.
"""
