-- Projects, their workflows, tasks, comments and history. Every row names its workspace, and composite foreign keys make
-- it impossible that a row belongs to another workspace than its parent.

CREATE TYPE status_category AS ENUM ('BACKLOG', 'UNSTARTED', 'STARTED', 'COMPLETED', 'CANCELLED');
CREATE TYPE task_priority AS ENUM ('NONE', 'LOW', 'MEDIUM', 'HIGH', 'URGENT');
CREATE TYPE change_kind AS ENUM ('CREATED', 'UPDATED', 'STATUS_UPDATED', 'DELETED', 'RESTORED');

CREATE TABLE projects (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  key text NOT NULL CHECK (key ~ '^[A-Z][A-Z0-9]{0,9}$'),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
  description text NOT NULL DEFAULT '',
  lead_id uuid NOT NULL,
  task_counter integer NOT NULL DEFAULT 0 CHECK (task_counter >= 0),
  version integer NOT NULL DEFAULT 1,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT projects_key_taken UNIQUE (workspace_id, key),
  UNIQUE (id, workspace_id)
);
CREATE INDEX projects_of_workspace ON projects (workspace_id, id);

CREATE TABLE project_statuses (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 50),
  category status_category NOT NULL,
  position integer NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  FOREIGN KEY (project_id, workspace_id) REFERENCES projects (id, workspace_id),
  UNIQUE (project_id, position),
  UNIQUE (id, project_id, category)
);
CREATE UNIQUE INDEX project_statuses_by_name ON project_statuses (project_id, lower(name));
CREATE UNIQUE INDEX project_statuses_one_default ON project_statuses (project_id) WHERE is_default;

CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  project_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 500),
  description text NOT NULL DEFAULT '' CHECK (octet_length(description) <= 100000),
  status_id uuid NOT NULL,
  -- Kept here beside the state, for lists of open tasks; the foreign key below keeps it equal to the state's own.
  status_category status_category NOT NULL,
  priority task_priority NOT NULL DEFAULT 'NONE',
  -- The truth about the assignees, one row to lock and to read; task_assignees is its index by user.
  assignee_ids uuid[] NOT NULL DEFAULT '{}',
  reporter_id uuid NOT NULL,
  due_at timestamptz,
  -- Order on boards: between two neighbours there is always another number.
  position numeric NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  FOREIGN KEY (project_id, workspace_id) REFERENCES projects (id, workspace_id),
  FOREIGN KEY (status_id, project_id, status_category) REFERENCES project_statuses (id, project_id, category)
    ON UPDATE CASCADE,
  UNIQUE (project_id, number),
  UNIQUE (id, workspace_id)
);
CREATE INDEX tasks_of_project ON tasks (project_id, id DESC) WHERE deleted_at IS NULL;

CREATE TABLE task_assignees (
  user_id uuid NOT NULL,
  task_id uuid NOT NULL,
  workspace_id uuid NOT NULL,
  PRIMARY KEY (user_id, task_id),
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id)
);
CREATE INDEX task_assignees_of_task ON task_assignees (task_id);

CREATE TABLE comments (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  task_id uuid NOT NULL,
  author_id uuid NOT NULL,
  body text NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 20000),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id)
);
CREATE INDEX comments_of_task ON comments (task_id, id);

CREATE TABLE task_activity (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  task_id uuid NOT NULL,
  version integer NOT NULL,
  kind change_kind NOT NULL,
  actor_id uuid NOT NULL,
  -- {field: {"from": …, "to": …}} by the names of the API.
  changes jsonb NOT NULL,
  at timestamptz NOT NULL,
  FOREIGN KEY (task_id, workspace_id) REFERENCES tasks (id, workspace_id),
  -- One change, one version: the rule of the domain, enforced.
  UNIQUE (task_id, version)
);
