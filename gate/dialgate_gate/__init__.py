"""Comparing two runs, policy, verdict, live evidence, ladder, dial, ledger, attestation.

Pure judgement over the domain types and scores of `evals`; leaves running agents to `evals` and
showing anything to `reports`.
"""
