-- What tasks carry beyond the first slice: labels, subtasks, dependencies, dates, estimates, places on boards, watchers;
-- comments in threads with mentions and reactions.

ALTER TABLE projects NO FORCE ROW LEVEL SECURITY;
ALTER TABLE project_statuses NO FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY;
ALTER TABLE comments NO FORCE ROW LEVEL SECURITY;

-- States change places with each other in one statement.
ALTER TABLE project_statuses DROP CONSTRAINT project_statuses_project_id_position_key;
ALTER TABLE project_statuses ADD CONSTRAINT project_statuses_in_order UNIQUE (project_id, position) DEFERRABLE;

CREATE TABLE labels (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 50),
  color text NOT NULL CHECK (color ~ '^#[0-9a-f]{6}$'),
  version integer NOT NULL DEFAULT 1,
  -- A deleted label stays on its tasks, unseen: so deleting one costs the same on ten tasks and on a hundred thousand.
  deleted_at timestamptz,
  FOREIGN KEY (project_id, workspace_id) REFERENCES projects (id, workspace_id)
);
CREATE UNIQUE INDEX labels_name_taken ON labels (project_id, lower(name)) WHERE deleted_at IS NULL;

ALTER TABLE tasks
  DROP COLUMN position,
  -- The order on boards: text compared byte by byte; between two of them there is always a third.
  ADD COLUMN position text COLLATE "C",
  ADD COLUMN start_at timestamptz,
  ADD COLUMN estimate integer CHECK (estimate >= 0),
  ADD COLUMN parent_id uuid,
  -- Like assignee_ids: these are the truth, task_labels and task_dependencies their indexes.
  ADD COLUMN label_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN blocked_by_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN watcher_ids uuid[] NOT NULL DEFAULT '{}',
  ADD FOREIGN KEY (parent_id, project_id) REFERENCES tasks (id, project_id);
UPDATE tasks SET position = lpad(to_hex(number), 8, '0') || 'i', watcher_ids = ARRAY[reporter_id];
ALTER TABLE tasks ALTER COLUMN position SET NOT NULL;
CREATE INDEX tasks_of_parent ON tasks (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX tasks_by_position ON tasks (project_id, position, id);

CREATE TABLE task_labels (
  label_id uuid NOT NULL,
  task_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  PRIMARY KEY (label_id, task_id),
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id)
);
CREATE INDEX task_labels_of_task ON task_labels (task_id);

CREATE TABLE task_dependencies (
  blocker_id uuid NOT NULL,
  task_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  PRIMARY KEY (task_id, blocker_id),
  CHECK (blocker_id <> task_id),
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id),
  FOREIGN KEY (blocker_id, workspace_id) REFERENCES tasks (id, workspace_id)
);
CREATE INDEX task_dependencies_of_blocker ON task_dependencies (blocker_id, task_id);

ALTER TABLE comments
  DROP CONSTRAINT comments_body_check,
  ADD CHECK (octet_length(body) <= 20000),
  ADD COLUMN parent_id uuid,
  ADD COLUMN mentioned_ids uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN edited_at timestamptz,
  ADD COLUMN deleted_at timestamptz,
  ADD UNIQUE (id, task_id),
  ADD FOREIGN KEY (parent_id, task_id) REFERENCES comments (id, task_id);
CREATE INDEX comments_of_thread ON comments (parent_id, id) WHERE parent_id IS NOT NULL;
CREATE INDEX comments_that_begin ON comments (task_id, id) WHERE parent_id IS NULL;

CREATE INDEX profiles_by_email ON profiles (lower(email));

CREATE TABLE comment_reactions (
  comment_id uuid NOT NULL REFERENCES comments (id),
  emoji text NOT NULL CHECK (octet_length(emoji) <= 64),
  user_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (comment_id, emoji, user_id)
);

ALTER TABLE projects FORCE ROW LEVEL SECURITY;
ALTER TABLE project_statuses FORCE ROW LEVEL SECURITY;
ALTER TABLE tasks FORCE ROW LEVEL SECURITY;
ALTER TABLE comments FORCE ROW LEVEL SECURITY;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['labels', 'task_labels', 'task_dependencies', 'comment_reactions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I USING (workspace_id = ANY ((SELECT allowed_workspaces())::uuid[]))', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['labels', 'comment_reactions'] LOOP
    EXECUTE format('CREATE POLICY visible ON %I AS RESTRICTIVE USING (project_id <> ALL ((SELECT hidden_projects())::uuid[]))',
                   name);
  END LOOP;
END $$;
