"""Every relation, in the order in which they are tried."""

from __future__ import annotations

from dialgate_evals.fuzzing.moving import boundaries, foreign_record, second_request
from dialgate_evals.fuzzing.never import (
    failed_read,
    failed_write,
    half_read,
    in_a_document,
    in_a_name,
    in_a_result,
    in_a_subject,
    refused,
    rows,
    slow_read,
    timed_out_read,
    timed_out_write,
)
from dialgate_evals.fuzzing.renaming import (
    addresses,
    currency,
    idle_tools,
    ids,
    people,
)
from dialgate_evals.fuzzing.renaming import (
    dates as later_dates,
)
from dialgate_evals.fuzzing.wording import (
    dates as forms_of_dates,
)
from dialgate_evals.fuzzing.wording import (
    fact_order,
    greeting,
    history,
    letter_case,
    numbers,
    politeness,
    side_remarks,
    tool_order,
    typos,
    white_space,
)

REGISTRY = (
    boundaries.RELATION, foreign_record.RELATION, second_request.RELATION,
    in_a_name.RELATION, in_a_document.RELATION, in_a_subject.RELATION, in_a_result.RELATION,
    timed_out_write.RELATION, failed_write.RELATION, refused.RELATION,
    timed_out_read.RELATION, failed_read.RELATION, half_read.RELATION, slow_read.RELATION,
    rows.TWICE, rows.TURNED,
    people.RELATION, ids.RELATION, later_dates.RELATION, addresses.RELATION, currency.RELATION,
    numbers.RELATION, forms_of_dates.RELATION, white_space.RELATION, typos.RELATION,
    letter_case.RELATION, politeness.RELATION, fact_order.RELATION, side_remarks.RELATION,
    greeting.RELATION, history.RELATION, tool_order.RELATION, idle_tools.RELATION,
)  # fmt: skip
