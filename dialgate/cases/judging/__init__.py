"""Calibrating a suite's judge: asking it about labelled texts, and what comes next."""
