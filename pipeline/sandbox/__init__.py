"""A Mercado Libre to try things on: data made from a seed, served as documented.

`world/` makes the data, `server/` answers over HTTP, with faults if asked. The sandbox
shares only settings and sites with the pipeline, so that neither can hide the other's
mistakes.
"""
