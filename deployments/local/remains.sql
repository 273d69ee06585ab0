-- What PostgreSQL keeps of overwritten values, where Prefect's server uses it, and how that is cleared.
--
-- The intake form and the gates' answers stand in Prefect's database until a flow overwrites or deletes them. PostgreSQL
-- keeps the old rows in the tables' files, also after a plain VACUUM; a sample of the parameters in the planner's
-- statistics; and all of it in the write-ahead log, whose files it uses again without emptying them.
--
-- Run it as a superuser on Prefect's database, at a quiet hour, once a day for example:
--     psql "$URL" --set ON_ERROR_STOP=1 --file remains.sql
-- It locks each table while it rewrites it. It does not reach archived write-ahead logs, replicas and backups.

-- From now on files of the log that are no longer needed are removed and not used again.
ALTER SYSTEM SET wal_recycle = off;
SELECT pg_reload_conf();

-- The planner's statistics get none of what people type from now on. A sample that was taken while a form or an answer
-- stood there is deleted: a column without statistics is passed over by ANALYZE, which would leave its sample for good.
ALTER TABLE flow_run ALTER COLUMN parameters SET STATISTICS 0;
ALTER TABLE flow_run_input ALTER COLUMN value SET STATISTICS 0;
DELETE FROM pg_catalog.pg_statistic USING pg_catalog.pg_attribute
WHERE starelid = attrelid AND staattnum = attnum
    AND (attrelid, attname) IN (('flow_run'::regclass, 'parameters'), ('flow_run_input'::regclass, 'value'));
-- Those of the other columns are of today, without what was overwritten.
ANALYZE;
VACUUM (FULL) pg_catalog.pg_statistic;

-- Tables are written anew; a plain VACUUM leaves the old bytes in the free space of their pages.
VACUUM (FULL) flow_run;
VACUUM (FULL) flow_run_input;

-- Files of the log that were set aside for use again, before it was switched off, are used up and removed.
CHECKPOINT;
SELECT pg_switch_wal();
CHECKPOINT;
SELECT pg_switch_wal();
CHECKPOINT;
SELECT pg_switch_wal();
CHECKPOINT;
SELECT pg_switch_wal();
CHECKPOINT;
