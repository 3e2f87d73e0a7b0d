-- What other services own and this one keeps a copy of, by events. A removed membership stays as a row without a role,
-- so that an older event that arrives late cannot bring it back.

CREATE TABLE profiles (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  display_name text NOT NULL,
  avatar_url text,
  locale text NOT NULL,
  time_zone text NOT NULL,
  version bigint NOT NULL
);

CREATE TABLE memberships (
  workspace_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role text,
  workspace_name text NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_of_user ON memberships (user_id) WHERE role IS NOT NULL;
