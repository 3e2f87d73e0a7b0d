-- Row-level security: a transaction sees the workspaces that it names in `taskflow.workspaces`, and nothing when it names
-- none. The setting is local to the transaction, so a pooled connection never carries it to the next caller.

CREATE FUNCTION allowed_workspaces() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('taskflow.workspaces', true), ''), '{}')::uuid[] $$;

CREATE FUNCTION asking_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('taskflow.asking_user', true), '')::uuid $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['projects', 'project_statuses', 'tasks', 'task_assignees', 'comments', 'task_activity',
                              'memberships', 'idempotency_keys'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    -- The sub-select makes the list a constant of the statement instead of a call per row.
    EXECUTE format('CREATE POLICY tenant ON %I USING (workspace_id = ANY ((SELECT allowed_workspaces())::uuid[]))', name);
  END LOOP;
END $$;

-- Whoever asks may see in which workspaces they are, whatever the transaction names.
CREATE POLICY own ON memberships FOR SELECT USING (user_id = (SELECT asking_user()));
