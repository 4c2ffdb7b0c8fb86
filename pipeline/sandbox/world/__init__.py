"""The data of the sandbox: sellers, orders, payments and parcels, made from a seed.

Not here: how they are served (`server/`).
"""
