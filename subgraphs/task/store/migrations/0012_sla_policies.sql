-- Versions of the SLA policies of projects, what was told to whom about a deadline, and who took over. The clock itself is
-- nowhere: it is computed from the history of the task.

ALTER TABLE projects ADD COLUMN sla_version integer NOT NULL DEFAULT 0;

CREATE TABLE sla_policies (
  project_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  workspace_id uuid NOT NULL,
  terms jsonb NOT NULL,
  set_by uuid NOT NULL,
  set_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, version),
  FOREIGN KEY (project_id, workspace_id) REFERENCES projects (id, workspace_id)
);

CREATE TABLE sla_alerts (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  task_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('REMINDED', 'ESCALATED')),
  due_at timestamptz NOT NULL,
  at timestamptz NOT NULL,
  late boolean NOT NULL,
  recipient_ids uuid[] NOT NULL,
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id),
  FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)
);
CREATE INDEX sla_alerts_of_task ON sla_alerts (task_id, at);

CREATE TABLE sla_acknowledgements (
  task_id uuid NOT NULL,
  due_at timestamptz NOT NULL,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  user_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (task_id, due_at),
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id),
  FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id)
);

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sla_policies', 'sla_alerts', 'sla_acknowledgements'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (workspace_id = ANY ((SELECT allowed_workspaces())::uuid[]))', name);
    EXECUTE format('CREATE POLICY visible ON %I AS RESTRICTIVE USING (project_id <> ALL ((SELECT hidden_projects())::uuid[]))',
                   name);
  END LOOP;
END $$;
