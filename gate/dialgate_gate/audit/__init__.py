"""Ledger, attestation, exports of the dial."""
