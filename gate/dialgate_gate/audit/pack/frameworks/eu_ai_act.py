"""EU AI Act, articles 9, 12, 14 and 15: what a pack bears on, in own words.

Numbers are those of Regulation (EU) 2024/1689. Whether a system is of high risk, so that the
articles apply at all, is nothing that a pack knows.
"""

from __future__ import annotations

from dialgate_gate.audit.pack.exhibit import Exhibit
from dialgate_gate.audit.pack.requirement import Framework, Requirement

_ARTICLE_9 = (
    Requirement(
        place="Article 9(1) and (2)",
        asks="A risk management system that is documented, kept up over the whole life cycle, "
        "and looked at again and again.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.LADDER, Exhibit.REVIEW_DATES, Exhibit.LEDGER),
        not_covered="The system as a whole, which covers health, safety and fundamental rights, "
        "and every hazard that no action of the agent carries.",
    ),
    Requirement(
        place="Article 9(2)(a) and (b)",
        asks="Known and foreseeable risks are identified and estimated, in intended use and in "
        "foreseeable misuse.",
        speaks=(Exhibit.ACTIONS, Exhibit.CASES, Exhibit.READINESS),
        not_covered="The analysis that led to classes, blast radius and cases; risks to people "
        "who never meet the agent; misuse that no case asks for.",
    ),
    Requirement(
        place="Article 9(2)(c)",
        asks="Risks that data from the market shows are evaluated.",
        speaks=(Exhibit.REVIEWS, Exhibit.WATCH, Exhibit.READINESS),
        not_covered="The post-market monitoring plan of Article 72; complaints and incidents that "
        "reach the provider another way.",
    ),
    Requirement(
        place="Article 9(2)(d) and (5)",
        asks="Measures against those risks are taken, and what is left is judged acceptable.",
        speaks=(
            Exhibit.DIAL,
            Exhibit.LEASE,
            Exhibit.DEMOTION,
            Exhibit.LAPSE,
            Exhibit.KILL_SWITCH,
            Exhibit.ROLLBACK,
            Exhibit.COMPENSATION,
        ),
        not_covered="The judgement that what is left is acceptable, and the information and "
        "training that deployers get.",
    ),
    Requirement(
        place="Article 9(6) and (8)",
        asks="The system is tested before it is put into service, against metrics and "
        "probabilistic thresholds that were set before.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.CASES, Exhibit.RUNS, Exhibit.VERDICT),
        not_covered="Whether the thresholds are right for the purpose.",
    ),
    Requirement(
        place="Article 9(7)",
        asks="Tests may be made in real-world conditions, by the rules of Article 60.",
        speaks=(Exhibit.REVIEWS,),
        not_covered="Consent, registration and the plan that Article 60 asks for.",
    ),
    Requirement(
        place="Article 9(9)",
        asks="Minors and other vulnerable groups are considered.",
        speaks=(),
        not_covered="All of it: nothing that dialgate keeps says who is affected.",
    ),
)

_ARTICLE_12 = (
    Requirement(
        place="Article 12(1)",
        asks="Events are recorded automatically over the life of the system.",
        speaks=(Exhibit.LEDGER, Exhibit.REVIEWS, Exhibit.RUNS),
        not_covered="The logs of the deployed system itself: counts and digests of what was "
        "handed over are here, the logs are not.",
    ),
    Requirement(
        place="Article 12(2)(a)",
        asks="What is recorded lets risks and substantial modifications be found.",
        speaks=(Exhibit.RELEASE, Exhibit.VERDICTS, Exhibit.LEDGER),
        not_covered="Whether a modification is substantial in the sense of the law.",
    ),
    Requirement(
        place="Article 12(2)(b) and (c)",
        asks="What is recorded serves monitoring after the market, and in operation.",
        speaks=(Exhibit.REVIEWS, Exhibit.WATCH, Exhibit.RUNS),
        not_covered="Where the logs lie, and for how long they are kept (Articles 19 and 26(6)).",
    ),
    Requirement(
        place="Article 12(3)",
        asks="Remote biometric identification has records of its own.",
        speaks=(),
        not_covered="All of it.",
    ),
)

_ARTICLE_14 = (
    Requirement(
        place="Article 14(1) to (3)",
        asks="People can oversee the system effectively while it is used, by measures in keeping "
        "with risk, autonomy and context.",
        speaks=(Exhibit.DIAL, Exhibit.ACTIONS, Exhibit.LADDER, Exhibit.LEASE, Exhibit.REVIEWS),
        not_covered="The interface that people oversee it with, and measures that the deployer "
        "takes.",
    ),
    Requirement(
        place="Article 14(4)(a)",
        asks="Who oversees understands what the system can and cannot do, and notices when it "
        "does not work as expected.",
        speaks=(Exhibit.READINESS, Exhibit.VERDICTS, Exhibit.WATCH),
        not_covered="Whether these people were shown it, and understood it.",
    ),
    Requirement(
        place="Article 14(4)(b)",
        asks="Who oversees stays aware of leaning on the system too much.",
        speaks=(Exhibit.CANARIES, Exhibit.REVIEWS),
        not_covered="Training; canaries measure all reviewers together.",
    ),
    Requirement(
        place="Article 14(4)(c)",
        asks="Who oversees can interpret what the system puts out.",
        speaks=(),
        not_covered="All of it: tools and methods of interpretation are outside.",
    ),
    Requirement(
        place="Article 14(4)(d)",
        asks="Who oversees can decide not to use an output, or override or reverse it.",
        speaks=(Exhibit.REVIEWS, Exhibit.COMPENSATION, Exhibit.DIAL),
        not_covered="Decisions that were not recorded as review events.",
    ),
    Requirement(
        place="Article 14(4)(e)",
        asks="Who oversees can interrupt the system, by a stop button or something like it, so "
        "that it halts in a safe state.",
        speaks=(Exhibit.RUNBOOK, Exhibit.KILL_SWITCH),
        not_covered="The switch in production, unless the drill says that it was live; who may "
        "reach it at any hour, beyond the rota.",
    ),
    Requirement(
        place="Article 14(5)",
        asks="Some biometric systems need two people to confirm.",
        speaks=(),
        not_covered="All of it.",
    ),
)

_ARTICLE_15 = (
    Requirement(
        place="Article 15(1)",
        asks="Accuracy, robustness and cybersecurity are appropriate, and stay so over the life "
        "cycle.",
        speaks=(
            Exhibit.VERDICT,
            Exhibit.READINESS,
            Exhibit.DEMOTION,
            Exhibit.LAPSE,
            Exhibit.REVIEWS,
        ),
        not_covered="What is appropriate for the purpose.",
    ),
    Requirement(
        place="Article 15(3)",
        asks="Accuracy and its metrics are declared in the instructions for use.",
        speaks=(Exhibit.THRESHOLDS, Exhibit.VERDICT, Exhibit.READINESS),
        not_covered="The instructions for use.",
    ),
    Requirement(
        place="Article 15(4)",
        asks="The system bears errors, faults and inconsistencies, has a way back, and does not "
        "learn from its own biased outputs.",
        speaks=(Exhibit.ROLLBACK, Exhibit.COMPENSATION, Exhibit.KILL_SWITCH, Exhibit.RUNS),
        not_covered="Faults of what surrounds the agent in production; feedback loops of a model "
        "that learns in use.",
    ),
    Requirement(
        place="Article 15(5)",
        asks="The system resists attempts to change its use, outputs or performance.",
        speaks=(Exhibit.RELEASE, Exhibit.LEASE, Exhibit.SIGNED_MOVES),
        not_covered="Security of model, data and infrastructure, and attacks that no case makes.",
    ),
)

EU_AI_ACT = Framework(
    name="EU AI Act",
    source="Regulation (EU) 2024/1689, articles 9, 12, 14 and 15",
    requirements=(*_ARTICLE_9, *_ARTICLE_12, *_ARTICLE_14, *_ARTICLE_15),
)
