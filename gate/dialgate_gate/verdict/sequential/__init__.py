"""The gate for live agents: screen once, confirm suspects by fresh trials, decide per class.

Knows when enough was seen; leaves running trials to its driver and scoring them to `evals`.
"""

from dialgate_gate.verdict.sequential.decision import (
    ClassDecision,
    EndpointFigures,
    GateDecision,
    UnitFigures,
)
from dialgate_gate.verdict.sequential.procedure import SequentialGate
from dialgate_gate.verdict.sequential.screened_case import (
    SUITE,
    Endpoint,
    Kind,
    ScreenedCase,
    Side,
    TrialRequest,
)
from dialgate_gate.verdict.sequential.simulation import (
    SimulatedRelease,
    drive_gate,
    screen_gate,
    simulate_gate,
)
from dialgate_gate.verdict.sequential.starting import start_gate

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
    "UnitFigures",
    "drive_gate",
    "screen_gate",
    "simulate_gate",
    "start_gate",
]
