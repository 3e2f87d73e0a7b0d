-- Exactly-once effects: events to be sent (outbox), events already applied (inbox), requests already answered.

CREATE TABLE outbox (
  -- Events of one key are written under the lock of the entity they tell of, so within a key `seq` is the order of commits.
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  topic text NOT NULL,
  key text NOT NULL,
  tenant uuid NOT NULL,
  time timestamptz NOT NULL,
  traceparent text,
  data bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX outbox_by_key ON outbox (key);

CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  applied boolean NOT NULL DEFAULT true,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_by_age ON inbox (at);

CREATE TABLE idempotency_keys (
  caller text NOT NULL,
  key text NOT NULL,
  workspace_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  entity_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (at);
