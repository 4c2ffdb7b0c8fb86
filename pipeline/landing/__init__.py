"""Raw records as Parquet files: redacted JSON text beside its envelope.

Not here: what the text means (`payloads/`, `frames/`) and which pages to request
(`extraction/`).
"""
