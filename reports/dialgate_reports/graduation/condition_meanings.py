"""What each condition and each point of readiness asks, for readers who are no engineers."""

from __future__ import annotations

CONDITION_MEANINGS = {
    "eval_success": "how often the agent did the right thing where that is known",
    "silent_rate": "how often it did a wrong thing that nobody would have noticed",
    "mutants_killed": "how many planted mistakes the test cases notice",
    "live_reviews": "how many tasks people looked at in production since the last move",
    "intervention_rate": "how often people had to change or stop what the agent proposed",
    "blast_radius": "how much one mistake can do",
    "cool_down": "how long the class has been where it is",
    "eval_run": "every test was run, on this release and these cases",
    "review_queue": "reviewers read before they approve, as far as that can be seen",
    "ladder": "the policy has a next position for the class, under its ceiling",
    "release": "it is the one on whose evidence the class was promoted",
    "alarm": "nothing that is watched is over its limit",
    "owner": "somebody answers, whom owners.toml knows",
    "kill_switch": "somebody tried it lately, and nothing went on behind it",
    "rollback": "the earlier release is still there",
    "compensation": "the case that takes the action back passes",
    "attestation": "the gate's verdict on this very release, signed by a key that counts",
}
