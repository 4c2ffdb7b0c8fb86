"""The road from a Mercado Libre seller's orders to sales tables.

```
Mercado Libre ─▶ Page ─▶ landed page ─▶ payload ─▶ frame ─▶ core ─▶ mart ─▶ published
             httpx     files        pydantic    polars   DuckDB    SQL     copy
      mercadolibre/    landing/     payloads/   frames/  warehouse/ and sql/
             └────────────────── defs/ says when, in Dagster ─────────────────┘
```

It only goes right. `extraction/` decides which pages to ask for and proves that they
are all there; landed pages are the memory, and everything behind them is made from
them at will. `cli/` is a thin door, `sandbox/` a Mercado Libre to try things on.
"""
