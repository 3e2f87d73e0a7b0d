"""Row-level security holds without any help of ours: raw statements, as the application's role."""

import asyncpg
import pytest

from kit.ids import new_id
from subgraphs.task.store.connection import OwnConnection, Pool
from subgraphs.task.store.database import Database
from tests.unit.subgraphs.task.port_suite import stored_project, stored_task
from tests.unit.subgraphs.task.samples import a_membership

TABLES = ("projects", "project_statuses", "tasks", "task_assignees", "task_activity", "memberships")


async def filled(store: Database) -> tuple[str, str]:
    """Two workspaces with a row in every table; their ids."""
    ids = []
    for _ in range(2):
        project = await stored_project(store)
        await stored_task(store, project, assignee_ids=[new_id()])
        async with store.write([project.workspace_id]) as work:
            await work.memberships.put(a_membership(project.workspace_id))
        ids.append(str(project.workspace_id))
    return ids[0], ids[1]


@pytest.mark.parametrize("table", TABLES)
async def test_a_statement_without_any_condition_sees_only_the_workspaces_named(
    store: Database, pool: Pool, table: str
) -> None:
    mine, _ = await filled(store)
    async with pool.acquire() as connection, connection.transaction():
        everything = f"SELECT workspace_id FROM {table}"  # noqa: S608 - a constant
        assert await connection.fetch(everything) == []
        await connection.execute(f"SET LOCAL taskflow.workspaces = '{{{mine}}}'")
        seen = {str(row["workspace_id"]) for row in await connection.fetch(everything)}
    assert seen == {mine}


@pytest.mark.parametrize("table", TABLES)
async def test_nobody_elses_rows_are_changed_or_deleted(store: Database, pool: Pool, table: str) -> None:
    mine, theirs = await filled(store)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL taskflow.workspaces = '{{{mine}}}'")
        changed = f"UPDATE {table} SET workspace_id = workspace_id WHERE workspace_id = $1"  # noqa: S608 - a constant
        assert await connection.execute(changed, theirs) == "UPDATE 0"
        deleted = f"DELETE FROM {table} WHERE workspace_id = $1"  # noqa: S608 - a constant
        assert await connection.execute(deleted, theirs) == "DELETE 0"


async def test_a_row_of_another_workspace_cannot_be_written(store: Database, pool: Pool) -> None:
    mine, theirs = await filled(store)
    insert = "INSERT INTO memberships VALUES ($1, $2, 'owner', 'Theirs', 99)"
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL taskflow.workspaces = '{{{mine}}}'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(insert, theirs, new_id())


async def test_a_row_cannot_be_moved_into_another_workspace(store: Database, pool: Pool) -> None:
    mine, theirs = await filled(store)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL taskflow.workspaces = '{{{mine}}}'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE memberships SET workspace_id = $1", theirs)


async def test_the_workspaces_end_with_their_transaction(store: Database, pool: Pool) -> None:
    mine, _ = await filled(store)
    async with pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL taskflow.workspaces = '{{{mine}}}'")
        assert await connection.fetchval("SELECT count(*) FROM tasks") == 0


async def test_a_task_cannot_hang_under_a_project_of_another_workspace(store: Database, owner: OwnConnection) -> None:
    mine, theirs = await filled(store)
    async with owner.transaction():
        await owner.execute(f"SET LOCAL taskflow.workspaces = '{{{mine},{theirs}}}'")
        project_id = await owner.fetchval("SELECT id FROM projects WHERE workspace_id = $1", theirs)
        moved = "UPDATE tasks SET project_id = $1, number = 999 WHERE workspace_id = $2"
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await owner.execute(moved, project_id, mine)


async def test_even_the_owner_is_bound(store: Database, owner: OwnConnection) -> None:
    await filled(store)
    if not await owner.fetchval("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"):
        assert await owner.fetchval("SELECT count(*) FROM tasks") == 0


async def test_every_table_with_a_workspace_is_under_the_policy(owner: OwnConnection) -> None:
    bound = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS bound
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'workspace_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    """
    tables = {row["relname"]: row["bound"] for row in await owner.fetch(bound)}
    assert set(TABLES) <= tables.keys()
    assert all(tables.values()), tables


@pytest.mark.parametrize(
    "statement", ["DROP TABLE tasks", "ALTER TABLE tasks DISABLE ROW LEVEL SECURITY", "CREATE TABLE x ()"]
)
async def test_the_application_only_reads_and_writes_rows(pool: Pool, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


async def test_the_application_cannot_rewrite_which_migrations_ran(pool: Pool) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("DELETE FROM schema_migrations")
