"""The gate for live agents: screen once, confirm suspects by fresh trials, decide per class.

Knows when enough was seen; leaves running trials to its driver and scoring them to `evals`.
"""

from gate.sequential.decision import ClassDecision, EndpointFigures, GateDecision
from gate.sequential.procedure import SequentialGate, start_gate
from gate.sequential.screened_case import (
    SUITE,
    Endpoint,
    Kind,
    ScreenedCase,
    Side,
    TrialRequest,
)
from gate.sequential.simulation import SimulatedRelease, simulate_gate

__all__ = [
    "SUITE",
    "ClassDecision",
    "Endpoint",
    "EndpointFigures",
    "GateDecision",
    "Kind",
    "ScreenedCase",
    "SequentialGate",
    "Side",
    "SimulatedRelease",
    "TrialRequest",
    "simulate_gate",
    "start_gate",
]
