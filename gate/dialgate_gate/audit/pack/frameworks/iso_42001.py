"""ISO/IEC 42001:2023, Annex A: the controls that a pack bears on, in own words.

The numbers are the standard's; its text is not here and decides.
"""

from __future__ import annotations

from dialgate_gate.audit.pack.exhibit import Exhibit
from dialgate_gate.audit.pack.requirement import Framework, Requirement

_ORGANISATION = (
    Requirement(
        place="A.2.2 and A.2.3",
        asks="A policy on AI is documented, and in line with the other policies.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.LADDER),
        not_covered="The organisation's policy on AI: policy.toml holds rules for one agent.",
    ),
    Requirement(
        place="A.2.4",
        asks="The policy is looked at again at planned intervals.",
        speaks=(Exhibit.REVIEW_DATES,),
        not_covered="Reviews of the organisation's policy.",
    ),
    Requirement(
        place="A.3.2",
        asks="Roles and responsibilities are defined and given to people.",
        speaks=(Exhibit.OWNERS, Exhibit.ROTA, Exhibit.SIGNED_MOVES),
        not_covered="Roles beyond the five of the runbook, and whether the people are able to "
        "fill them.",
    ),
    Requirement(
        place="A.3.3",
        asks="People can report concerns.",
        speaks=(),
        not_covered="All of it; review events carry decisions, no concerns.",
    ),
    Requirement(
        place="A.4.2 to A.4.6",
        asks="Resources are documented: data, tools, computing, people.",
        speaks=(Exhibit.RELEASE, Exhibit.CASES, Exhibit.OWNERS),
        not_covered="Computing, training data of the model, competence of people.",
    ),
    Requirement(
        place="A.5.2 to A.5.5",
        asks="What the system does to individuals, groups and society is assessed and documented.",
        speaks=(Exhibit.ACTIONS,),
        not_covered="The assessment: a blast radius is one word of its outcome.",
    ),
)

_LIFE_CYCLE = (
    Requirement(
        place="A.6.1.2 and A.6.1.3",
        asks="There are objectives and processes for responsible development.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.LADDER, Exhibit.SUITE),
        not_covered="Objectives beyond what is measured here.",
    ),
    Requirement(
        place="A.6.2.2 and A.6.2.3",
        asks="Requirements, design and development are specified and documented.",
        speaks=(Exhibit.CASES, Exhibit.ACTIONS, Exhibit.RELEASE),
        not_covered="Design documents.",
    ),
    Requirement(
        place="A.6.2.4",
        asks="The system is verified and validated by defined measures and criteria.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.RUNS, Exhibit.VERDICT),
        not_covered="Whether the cases stand for what the system meets.",
    ),
    Requirement(
        place="A.6.2.5",
        asks="There is a plan for deployment, and its requirements are met before.",
        speaks=(Exhibit.VERDICT, Exhibit.ROLLBACK, Exhibit.DIAL),
        not_covered="The plan of the deployment itself.",
    ),
    Requirement(
        place="A.6.2.6",
        asks="Operation is monitored; repair, updates and support are provided for.",
        speaks=(
            Exhibit.WATCH,
            Exhibit.DEMOTION,
            Exhibit.REVIEWS,
            Exhibit.RUNBOOK,
            Exhibit.ROTA,
        ),
        not_covered="Monitoring of infrastructure; support of users.",
    ),
    Requirement(
        place="A.6.2.7",
        asks="Technical documentation exists for those who need it.",
        speaks=(Exhibit.RELEASE, Exhibit.ACTIONS, Exhibit.VERDICTS),
        not_covered="Documentation for users and partners.",
    ),
    Requirement(
        place="A.6.2.8",
        asks="Event logs are kept, at least while the system is in use.",
        speaks=(Exhibit.LEDGER, Exhibit.REVIEWS, Exhibit.RUNS),
        not_covered="The logs of the deployed system itself.",
    ),
)

_DATA_AND_USE = (
    Requirement(
        place="A.7.2 to A.7.6",
        asks="Data is managed: its acquisition, quality, provenance and preparation.",
        speaks=(Exhibit.CASES,),
        not_covered="All data but the cases; their origin is here as golden, reviewer or fuzzed.",
    ),
    Requirement(
        place="A.8.2 to A.8.5",
        asks="Users and others are informed, incidents are communicated.",
        speaks=(),
        not_covered="All of it.",
    ),
    Requirement(
        place="A.9.2 to A.9.4",
        asks="The system is used responsibly, as it was intended to be.",
        speaks=(Exhibit.DIAL, Exhibit.LEDGER, Exhibit.KILL_SWITCH, Exhibit.REVIEWS),
        not_covered="Use by others than the agent's own deployment.",
    ),
    Requirement(
        place="A.10.2 to A.10.4",
        asks="Responsibilities are shared out between the organisation, suppliers and customers.",
        speaks=(Exhibit.RELEASE,),
        not_covered="Contracts; the release names provider and model, no more.",
    ),
)

ISO_42001 = Framework(
    name="ISO/IEC 42001",
    source="ISO/IEC 42001:2023, Annex A",
    requirements=(*_ORGANISATION, *_LIFE_CYCLE, *_DATA_AND_USE),
)
