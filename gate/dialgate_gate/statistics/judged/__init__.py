"""Rates and differences where a judge that errs said which trials succeeded."""
