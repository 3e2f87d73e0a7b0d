-- Who sees a project, and whether it still takes changes. A private project is visible to its members and to those whose
-- role lets them see all; the database enforces it beside the tenant, so that no list, search or id can miss the rule.

ALTER TABLE memberships ADD COLUMN permissions text[] NOT NULL DEFAULT '{}';

ALTER TABLE projects
  ADD COLUMN visibility text NOT NULL DEFAULT 'WORKSPACE' CHECK (visibility IN ('WORKSPACE', 'PRIVATE')),
  ADD COLUMN member_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN archived_at timestamptz,
  ADD COLUMN deleted_at timestamptz;

-- The private projects again, small and apart: the policy of `projects` may ask here without asking itself.
CREATE TABLE private_projects (
  project_id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  member_ids uuid[] NOT NULL,
  FOREIGN KEY (project_id, workspace_id) REFERENCES projects (id, workspace_id)
);
CREATE INDEX private_projects_of_workspace ON private_projects (workspace_id);

CREATE FUNCTION keep_private_projects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.visibility = 'PRIVATE' THEN
    INSERT INTO private_projects VALUES (NEW.id, NEW.workspace_id, NEW.member_ids)
    ON CONFLICT (project_id) DO UPDATE SET member_ids = excluded.member_ids;
  ELSE
    DELETE FROM private_projects WHERE project_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_private_projects AFTER INSERT OR UPDATE OF visibility, member_ids ON projects
  FOR EACH ROW EXECUTE FUNCTION keep_private_projects();

-- What belongs to a task names its project too, so that the policy needs no look at the task.
ALTER TABLE comments NO FORCE ROW LEVEL SECURITY;
ALTER TABLE task_activity NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
ALTER TABLE comments ADD COLUMN project_id uuid;
ALTER TABLE task_activity ADD COLUMN project_id uuid;
UPDATE comments SET project_id = tasks.project_id FROM tasks WHERE tasks.id = comments.task_id;
UPDATE task_activity SET project_id = tasks.project_id FROM tasks WHERE tasks.id = task_activity.task_id;
ALTER TABLE comments ALTER COLUMN project_id SET NOT NULL;
ALTER TABLE task_activity ALTER COLUMN project_id SET NOT NULL;
ALTER TABLE tasks ADD UNIQUE (id, project_id);
ALTER TABLE comments ADD FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id);
ALTER TABLE task_activity ADD FOREIGN KEY (task_id, project_id) REFERENCES tasks (id, project_id);
ALTER TABLE comments FORCE ROW LEVEL SECURITY;
ALTER TABLE task_activity FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;

-- In the workspaces of `taskflow.confined` the viewer sees only those private projects whose member they are.
CREATE FUNCTION hidden_projects() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(project_id), '{}') FROM private_projects
  WHERE workspace_id = ANY (coalesce(nullif(current_setting('taskflow.confined', true), ''), '{}')::uuid[])
    AND nullif(current_setting('taskflow.viewer', true), '')::uuid <> ALL (member_ids)
$$;

ALTER TABLE private_projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE private_projects FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON private_projects USING (workspace_id = ANY ((SELECT allowed_workspaces())::uuid[]));

-- Restrictive: on top of the tenant's. A row may be written that one does not see afterwards (leaving a project).
CREATE POLICY visible ON projects AS RESTRICTIVE USING (id <> ALL ((SELECT hidden_projects())::uuid[])) WITH CHECK (true);
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['project_statuses', 'tasks', 'comments', 'task_activity'] LOOP
    EXECUTE format('CREATE POLICY visible ON %I AS RESTRICTIVE USING (project_id <> ALL ((SELECT hidden_projects())::uuid[]))',
                   name);
  END LOOP;
END $$;
