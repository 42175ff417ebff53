"""What a record is written from: its journal, its trials in memory and on disk, their counts."""
