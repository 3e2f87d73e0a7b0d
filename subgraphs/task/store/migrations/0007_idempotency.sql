-- What mutations under an idempotency key answered. The key covers the whole request (its fingerprint), each of its
-- fields keeps its own answer. Answers hold data of workspaces: a transaction sees those of the one who asks.

DROP TABLE idempotency_keys;

CREATE TABLE idempotency_answers (
  owner text NOT NULL,
  key text NOT NULL,
  field text NOT NULL,
  fingerprint bytea NOT NULL,
  answer text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (owner, key, field)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX idempotency_answers_by_age ON idempotency_answers (expires_at);

ALTER TABLE idempotency_answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_answers FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON idempotency_answers USING (owner = (SELECT current_setting('taskflow.key_owner', true)));
-- Whoever sweeps sees what is over, and no more.
CREATE POLICY over ON idempotency_answers
  USING ((SELECT current_setting('taskflow.sweeping', true)) = 'on' AND expires_at < now());
