"""Where a class stands now: by the dial, by its lease, and what a runtime gets of both."""

from __future__ import annotations

from dialgate_runtime.leases.lease_folder import Refusal
from dialgate_runtime.mode import Mode, effective_mode
from dialgate_runtime.values import Value

TYPE_CHECKING = False  # the name alone, without `typing`
if TYPE_CHECKING:
    from dialgate_runtime.leases.lease import Lease


class Standing(Value):
    """One class at one moment."""

    action_class: str
    dial: Mode
    effective: Mode
    lease: Mode | None
    # None: there is none that counts, or none is needed
    until: float | None
    # seconds since 1970: when it may change by itself; None: never
    why: str
    # a sentence; empty: dial and lease agree, or no lease is needed


def stand(
    action_class: str,
    dial: Mode,
    lease: Lease | Refusal | None,
    now: float,
    *,
    skew_s: float,
    required: bool,
    is_leased: bool,
) -> Standing:
    """The class's standing; `lease` None: nothing was looked for.

    A class needs a lease where it is `is_leased`, a write, and its mode lets the agent act first.
    """
    if not is_leased or not dial.is_autonomous:
        return _standing(action_class, dial, dial, None, None, "")
    why, until = "", None
    counting: Mode | None = None
    if lease is None or isinstance(lease, Refusal):
        why = "there is no file" if lease is None else lease.why
    else:
        why = lease.why_not(now, skew_s) or ""
        counting = None if why else lease.mode
        until = _next_change(lease, now, skew_s)
    mode = effective_mode(dial, counting, required=required)
    if counting is None:
        fate = f"{words(mode)} until there is one" if required else "none is required"
        return _standing(action_class, dial, mode, None, until, f"No lease: {why}; {fate}.")
    less = "" if mode is dial else f"The lease is for {words(counting)} only."
    return _standing(action_class, dial, mode, counting, until, less)


def words(mode: Mode) -> str:
    """The mode as people read it: `in the loop`."""
    return mode.value.replace("_", " ")


def _next_change(lease: Lease, now: float, skew_s: float) -> float | None:
    """When the lease begins or ends to count; None: it is over."""
    moments = (lease.issued_at - skew_s, lease.not_after)
    return min((moment for moment in moments if moment > now), default=None)


def _standing(
    action_class: str,
    dial: Mode,
    effective: Mode,
    lease: Mode | None,
    until: float | None,
    why: str,
) -> Standing:
    return Standing(
        action_class=action_class, dial=dial, effective=effective, lease=lease, until=until, why=why
    )
