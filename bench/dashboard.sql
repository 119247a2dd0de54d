-- Fills the environment "prod" of an otherwise empty server for measurements of the dashboard: 100,000 connections, 100 of them
-- broken, and 600,000 operations of three days. Use a data folder that you throw away.

INSERT INTO integration (environment_id, unique_key, provider) SELECT id, 'load', 'unauthenticated' FROM environment WHERE name = 'prod';

INSERT INTO connection (environment_id, integration_id, connection_id, credentials, auth_failure)
SELECT i.environment_id, i.id, 'customer-' || n, '\x00',
       CASE WHEN n % 1000 = 0
            THEN jsonb_build_object('at', now(), 'refusals', 1, 'day', current_date, 'exhausted', true, 'outage', false,
                                    'log_id', gen_random_uuid(), 'code', 'invalid_grant', 'message', 'The token was revoked.') END
  FROM integration i, generate_series(1, 100000) n
 WHERE i.unique_key = 'load';

INSERT INTO operation (id, environment_id, kind, integration, connection, function, status, started_at, finished_at, error, lines, dropped)
SELECT gen_random_uuid(), e.id, 'sync', 'load', 'customer-' || n % 100000, 'contacts',
       CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'success' END, t, t + interval '2 seconds',
       CASE WHEN n % 50 = 0 THEN '{"type":"script","message":"TypeError: cannot read the email"}' END, ARRAY[0, 3, 0, 0], 0
  FROM environment e, LATERAL (SELECT n, now() - n * interval '0.43 seconds' AS t FROM generate_series(1, 600000) n) x
 WHERE e.name = 'prod';

VACUUM ANALYZE connection;
VACUUM ANALYZE operation;
