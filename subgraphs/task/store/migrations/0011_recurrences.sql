-- Series of recurring tasks and what became of each of their instants. The primary key of an occurrence is what makes a
-- task come once per series and instant, however often and by how many workers it is asked for.

CREATE TABLE recurrences (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  rule jsonb NOT NULL,
  template jsonb NOT NULL,
  overlap text NOT NULL CHECK (overlap IN ('ALLOW', 'SKIP')),
  catch_up text NOT NULL CHECK (catch_up IN ('ALL', 'LATEST', 'NONE')),
  catch_up_within interval NOT NULL,
  state text NOT NULL CHECK (state IN ('ACTIVE', 'PAUSED', 'ENDED')),
  decided_until timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (project_id, workspace_id) REFERENCES projects (id, workspace_id),
  UNIQUE (id, workspace_id, project_id)
);
CREATE INDEX recurrences_of_project ON recurrences (project_id, id);

CREATE TABLE recurrence_occurrences (
  series_id uuid NOT NULL,
  scheduled_at timestamptz NOT NULL,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('PENDING', 'CREATED', 'OVERLAPPED', 'MISSED', 'FAILED')),
  task_id uuid UNIQUE,
  reason text,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (series_id, scheduled_at),
  FOREIGN KEY (series_id, workspace_id, project_id) REFERENCES recurrences (id, workspace_id, project_id),
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id),
  CHECK ((outcome = 'CREATED') = (task_id IS NOT NULL))
);
CREATE INDEX recurrence_occurrences_pending ON recurrence_occurrences (series_id, scheduled_at) WHERE outcome = 'PENDING';

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['recurrences', 'recurrence_occurrences'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (workspace_id = ANY ((SELECT allowed_workspaces())::uuid[]))', name);
    EXECUTE format('CREATE POLICY visible ON %I AS RESTRICTIVE USING (project_id <> ALL ((SELECT hidden_projects())::uuid[]))',
                   name);
  END LOOP;
END $$;
