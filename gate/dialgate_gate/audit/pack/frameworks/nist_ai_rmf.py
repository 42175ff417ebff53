"""NIST AI Risk Management Framework 1.0: subcategories that a pack bears on, in own words.

The framework is voluntary. Subcategories that are not listed are not covered at all.
"""

from __future__ import annotations

from dialgate_gate.audit.pack.exhibit import Exhibit
from dialgate_gate.audit.pack.requirement import Framework, Requirement

_GOVERN_AND_MAP = (
    Requirement(
        place="GOVERN 1.3 and 1.4",
        asks="How much risk management is needed follows from risk tolerance, by transparent "
        "policies.",
        speaks=(Exhibit.ACTIONS, Exhibit.THRESHOLDS, Exhibit.LADDER),
        not_covered="The organisation's risk tolerance, but for what its thresholds say.",
    ),
    Requirement(
        place="GOVERN 1.5",
        asks="Monitoring and periodic review are planned, with roles and how often.",
        speaks=(Exhibit.REVIEW_DATES, Exhibit.WATCH, Exhibit.OWNERS),
        not_covered="Reviews of anything but policy, cases and drills.",
    ),
    Requirement(
        place="GOVERN 1.7",
        asks="Systems are phased out safely.",
        speaks=(Exhibit.KILL_SWITCH,),
        not_covered="Decommissioning: a kill switch pauses.",
    ),
    Requirement(
        place="GOVERN 2.1 and 2.3",
        asks="Roles and lines of communication are documented; leadership takes responsibility.",
        speaks=(Exhibit.OWNERS, Exhibit.ROTA, Exhibit.LEDGER, Exhibit.SIGNED_MOVES),
        not_covered="Executive leadership: the ledger names who decided on a mode.",
    ),
    Requirement(
        place="GOVERN 3.2",
        asks="Roles in working with, and overseeing, AI systems are defined.",
        speaks=(Exhibit.DIAL, Exhibit.OWNERS, Exhibit.RUNBOOK),
        not_covered="Roles outside the runbook.",
    ),
    Requirement(
        place="GOVERN 4.3",
        asks="Testing, finding incidents and sharing what was learned are practised.",
        speaks=(Exhibit.CASES, Exhibit.RUNS, Exhibit.VERDICTS),
        not_covered="Sharing with others.",
    ),
    Requirement(
        place="GOVERN 5.2",
        asks="What people decided about the system finds its way back into it.",
        speaks=(Exhibit.CASES, Exhibit.REVIEWS),
        not_covered="Feedback that is no review event.",
    ),
    Requirement(
        place="MAP 3.5",
        asks="Processes for human oversight are defined, assessed and documented.",
        speaks=(Exhibit.DIAL, Exhibit.LADDER, Exhibit.LEDGER),
        not_covered="The work of the overseers itself.",
    ),
    Requirement(
        place="MAP 5.1",
        asks="Likelihood and magnitude of each impact are identified.",
        speaks=(Exhibit.ACTIONS, Exhibit.READINESS),
        not_covered="Impacts beyond the agent's own actions.",
    ),
)

_MEASURE = (
    Requirement(
        place="MEASURE 1.1 and 2.1",
        asks="Metrics for the largest risks are chosen; test sets, metrics and tools are "
        "documented.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.SUITE, Exhibit.CASES, Exhibit.RUNS),
        not_covered="Risks that can't be measured so.",
    ),
    Requirement(
        place="MEASURE 1.3",
        asks="People who did not build the system take part in assessing it.",
        speaks=(Exhibit.OWNERS, Exhibit.SIGNED_MOVES),
        not_covered="Independence: roles are named, who reports to whom is not.",
    ),
    Requirement(
        place="MEASURE 2.3 and 2.5",
        asks="Performance is measured in conditions like those of use, and shown to be valid and "
        "reliable, with its limits.",
        speaks=(Exhibit.VERDICT, Exhibit.READINESS, Exhibit.REVIEWS),
        not_covered="How far the cases are like the use.",
    ),
    Requirement(
        place="MEASURE 2.4",
        asks="Function and behaviour are monitored in production.",
        speaks=(Exhibit.REVIEWS, Exhibit.WATCH, Exhibit.CANARIES),
        not_covered="Components beside the agent.",
    ),
    Requirement(
        place="MEASURE 2.6",
        asks="The system is shown to be safe, and to fail safely.",
        speaks=(Exhibit.KILL_SWITCH, Exhibit.COMPENSATION, Exhibit.ROLLBACK, Exhibit.LAPSE),
        not_covered="Residual risk against the organisation's tolerance.",
    ),
    Requirement(
        place="MEASURE 2.7",
        asks="Security and resilience are evaluated.",
        speaks=(Exhibit.LEASE, Exhibit.RELEASE),
        not_covered="Security tests of model, data and infrastructure.",
    ),
    Requirement(
        place="MEASURE 2.8",
        asks="Risks of transparency and accountability are examined.",
        speaks=(Exhibit.LEDGER, Exhibit.SIGNED_MOVES, Exhibit.OWNERS),
        not_covered="What users and affected people are told.",
    ),
    Requirement(
        place="MEASURE 2.9 to 2.12",
        asks="Explanation, privacy, fairness and the environment are assessed.",
        speaks=(),
        not_covered="All of it.",
    ),
    Requirement(
        place="MEASURE 2.13",
        asks="The metrics themselves are evaluated.",
        speaks=(Exhibit.CANARIES,),
        not_covered="What the suite would not notice, unless a report of `dialgate mutate` is kept "
        "elsewhere.",
    ),
)

_MANAGE = (
    Requirement(
        place="MANAGE 1.1",
        asks="Whether development or deployment should go on is decided.",
        speaks=(Exhibit.VERDICTS, Exhibit.LEDGER),
        not_covered="Decisions on the system as a whole.",
    ),
    Requirement(
        place="MANAGE 1.3 and 1.4",
        asks="Responses to the largest risks are planned; what is left is documented.",
        speaks=(Exhibit.RUNBOOK, Exhibit.DEMOTION, Exhibit.LAPSE, Exhibit.READINESS),
        not_covered="Transfer and acceptance of risk.",
    ),
    Requirement(
        place="MANAGE 2.3",
        asks="Unknown risks are met with a response when they show.",
        speaks=(Exhibit.WATCH, Exhibit.RUNBOOK, Exhibit.ROTA),
        not_covered="Exercises of people's response.",
    ),
    Requirement(
        place="MANAGE 2.4",
        asks="The system can be superseded, disengaged or deactivated, and somebody is "
        "responsible for it.",
        speaks=(Exhibit.KILL_SWITCH, Exhibit.ROLLBACK, Exhibit.DIAL, Exhibit.OWNERS),
        not_covered="The switch in production, unless the drill says that it was live.",
    ),
    Requirement(
        place="MANAGE 4.1",
        asks="Monitoring after deployment is planned: input of users, override, incident response, "
        "recovery, change management.",
        speaks=(Exhibit.REVIEWS, Exhibit.WATCH, Exhibit.RUNBOOK, Exhibit.LEDGER),
        not_covered="Appeals and the input of users.",
    ),
    Requirement(
        place="MANAGE 4.2",
        asks="Improvements are measured and made part of updates.",
        speaks=(Exhibit.CASES, Exhibit.VERDICTS),
        not_covered="Talks with affected people.",
    ),
    Requirement(
        place="MANAGE 4.3",
        asks="Incidents and errors are communicated to those concerned, and tracked.",
        speaks=(),
        not_covered="All of it.",
    ),
)

NIST_AI_RMF = Framework(
    name="NIST AI RMF",
    source="NIST AI 100-1, Artificial Intelligence Risk Management Framework 1.0",
    requirements=(*_GOVERN_AND_MAP, *_MEASURE, *_MANAGE),
)
