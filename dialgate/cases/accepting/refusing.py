"""Why a decision is not kept: the reviewer's words can't be, or somebody was faster."""


class RefusedError(Exception):
    """Why a decision can't be taken, in words for the reviewer; nothing was kept."""


class OvertakenError(Exception):
    """Something else was decided meanwhile, in another tab or terminal; nothing was kept."""
