"""Alarms beside interventions: escalations, costs, latencies, retry loops, volume."""
