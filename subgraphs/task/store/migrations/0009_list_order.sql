-- Lists by age must never be read from the index of the primary key: it holds everybody's tasks, and walking it past a
-- busy neighbour's reads all of those. "Nulls last" of a column that has none changes no order, but only these indexes
-- have it, and the lists ask for it.

DROP INDEX tasks_of_project;
DROP INDEX tasks_of_workspace;
CREATE INDEX tasks_of_project ON tasks (project_id, id DESC NULLS LAST) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_workspace ON tasks (workspace_id, id DESC NULLS LAST) WHERE deleted_at IS NULL;

-- A state belongs to one project and a project to one workspace: without this the planner takes a board's column for
-- nearly empty and sorts it.
CREATE STATISTICS tasks_belong (dependencies) ON workspace_id, project_id, status_id FROM tasks;
