"""Raw records as Parquet files: redacted JSON text beside its envelope.

Not here: what the text means (`payloads/`, `frames/`) and who asked (`extraction/`).
"""
