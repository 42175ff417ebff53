"""Where review events lie: JSON Lines, CSV, Parquet, tables of databases.

Each reader gives rows with their place, as a JSON object would say them; the rules of a row are in
`dialgate_evals.events.review_event_lines`, for all of them the same.
"""
