-- Lists, searches and counts of a workspace with a hundred thousand tasks. Under row-level security an index serves only
-- comparisons that PostgreSQL knows to leak nothing: of ids, numbers, times and text, not of enumerations, arrays and
-- search documents. Hence the priority as a number, links in tables, and the words of tasks in a table without a policy:
-- it tells nothing by itself, and whoever searches joins it with tasks, which have one.

ALTER TABLE tasks ADD COLUMN priority_order smallint NOT NULL GENERATED ALWAYS AS (
  CASE priority WHEN 'URGENT' THEN 4 WHEN 'HIGH' THEN 3 WHEN 'MEDIUM' THEN 2 WHEN 'LOW' THEN 1 ELSE 0 END
) STORED;

CREATE INDEX tasks_of_workspace ON tasks (workspace_id, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_project_by_change ON tasks (project_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_workspace_by_change ON tasks (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_project_by_due ON tasks
  (project_id, (coalesce(due_at, '9999-12-31T00:00:00Z'::timestamptz)), id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_workspace_by_due ON tasks
  (workspace_id, (coalesce(due_at, '9999-12-31T00:00:00Z'::timestamptz)), id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_project_by_priority ON tasks (project_id, priority_order, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_workspace_by_priority ON tasks (workspace_id, priority_order, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_of_workspace_by_position ON tasks (workspace_id, position, id) WHERE deleted_at IS NULL;
-- A column of a board, and what is in a state.
CREATE INDEX tasks_of_state ON tasks (status_id, position, id) WHERE deleted_at IS NULL;

CREATE TABLE task_search (
  task_id uuid PRIMARY KEY REFERENCES tasks (id),
  -- The words, and where the task belongs: 'w:…' and 'p:…', which no text can contain as one word.
  document tsvector NOT NULL
);
CREATE INDEX task_search_by_word ON task_search USING gin (document);

CREATE FUNCTION searched(task tasks) RETURNS tsvector LANGUAGE sql STABLE AS $$
  SELECT setweight(to_tsvector('english', p.key || '-' || task.number), 'A')
    || setweight(to_tsvector('english', task.title), 'A')
    || setweight(to_tsvector('english', left(task.description, 50000)), 'C')
    || array_to_tsvector(ARRAY['w:' || replace(task.workspace_id::text, '-', ''),
                               'p:' || replace(task.project_id::text, '-', '')])
  FROM projects p WHERE p.id = task.project_id
$$;

CREATE FUNCTION keep_task_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO task_search VALUES (NEW.id, searched(NEW))
  ON CONFLICT (task_id) DO UPDATE SET document = excluded.document;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_task_search_of_new AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION keep_task_search();
CREATE TRIGGER keep_task_search AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.description IS DISTINCT FROM NEW.description)
  EXECUTE FUNCTION keep_task_search();

ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
INSERT INTO task_search SELECT t.id, searched(t) FROM tasks t;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
