"""What one run does, step by step: recover, orders, by id, load, retry, rates, plan.

Plain functions over a data folder, an API and a warehouse. Not here: when they run
(`defs/`), what a person sees (`cli/`), and Dagster.
"""
