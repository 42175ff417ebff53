"""Tests of policy, dial and runbook."""
