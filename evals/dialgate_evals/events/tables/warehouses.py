"""The warehouses that count review events themselves, and what each says in words of its own.

A further warehouse is one more module with the names of `WarehouseSql`, and a line in `WAREHOUSES`.
Leaves what is asked of it to `warehouse_rows` and `cube_queries`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgate_evals.events.tables import postgres_rows, snowflake_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialgate_evals.events.tables.warehouse_sql import WarehouseSql


WAREHOUSES: Mapping[str, WarehouseSql] = {
    "postgresql": postgres_rows,
    "snowflake": snowflake_rows,
}
"""By the name of their SQLAlchemy dialect."""
