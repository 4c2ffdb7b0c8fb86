"""JSON text decoded at a stroke into columns, exploded into rows: polars."""
