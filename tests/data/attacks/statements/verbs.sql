COPY shop.customers TO '{home}/out.csv'

COPY (FROM shop.customers) TO '{home}/out.parquet' (FORMAT parquet)

COPY shop.customers FROM '/etc/passwd'

ATTACH '{home}/music/music.sqlite' AS m (TYPE sqlite)

ATTACH IF NOT EXISTS '{home}/lake/system/journal.sqlite' AS j (TYPE sqlite)

ATTACH 'dbname=postgres' AS p (TYPE postgres)

ATTACH ':memory:' AS other

DETACH "~bank"

USE "~bank".public

INSTALL httpfs FROM community

FORCE INSTALL spatial

LOAD '/tmp/evil.duckdb_extension'

UPDATE EXTENSIONS

SET lock_configuration = false

SET GLOBAL enable_external_access = true

SET SESSION threads TO 64

SET VARIABLE x = (SELECT max(secret) FROM shop.customers)

RESET memory_limit

PRAGMA enable_external_access

PRAGMA show_tables

PRAGMA database_size

PRAGMA storage_info('shop.orders')

PRAGMA version

CALL duckdb_tables()

CALL postgres_execute('~bank', 'DROP TABLE accounts')

CALL postgres_query('~bank', 'SELECT * FROM accounts')

CALL sqlite_attach('{home}/music/music.sqlite')

CALL delta_set_transaction_version('~shop', 'a', 1)

EXPORT DATABASE '{home}/dump'

IMPORT DATABASE '{home}/dump'

EXPLAIN SELECT * FROM bank.accounts

EXPLAIN (FORMAT json) SELECT secret FROM shop.customers

EXPLAIN ANALYZE SELECT * FROM music.tracks

DESCRIBE SELECT * FROM bank.accounts

DESCRIBE TABLE bank.accounts

SHOW bank.accounts

SHOW DATABASES

SHOW TABLES FROM "~bank"

SHOW SCHEMAS

SUMMARIZE SELECT * FROM shop.customers

SUMMARIZE bank.accounts

CHECKPOINT "~bank"

FORCE CHECKPOINT

VACUUM ANALYZE shop.customers

ANALYZE

CREATE VIEW v AS SELECT * FROM bank.accounts

CREATE TEMP TABLE t AS SELECT * FROM shop.customers

CREATE OR REPLACE MACRO count(x) AS (SELECT max(secret) FROM shop.customers)

CREATE FUNCTION f(x) AS TABLE SELECT * FROM bank.accounts

CREATE SEQUENCE s

CREATE TYPE mood AS ENUM (SELECT iban FROM bank.accounts)

CREATE SCHEMA "~x"

CREATE INDEX i ON shop.customers (secret)

CREATE PERSISTENT SECRET s (TYPE postgres, HOST 'x')

DROP VIEW "~"."shop.customers@0"

DROP SCHEMA "~" CASCADE

ALTER VIEW "~"."shop.customers@0" RENAME TO x

COMMENT ON TABLE shop.customers IS 'x'

INSERT INTO bank.accounts SELECT * FROM bank.accounts RETURNING iban

INSERT OR REPLACE INTO shop.customers VALUES (1)

UPDATE shop.customers SET name = 'x' RETURNING secret

DELETE FROM shop.customers USING bank.accounts RETURNING iban

MERGE INTO shop.orders o USING bank.accounts a ON true WHEN MATCHED THEN UPDATE SET status = a.iban RETURNING *

PREPARE q AS SELECT * FROM bank.accounts

EXECUTE q('x')

DEALLOCATE q

BEGIN; SELECT 1; COMMIT

ROLLBACK

SELECT 1; SELECT secret FROM shop.customers

SELECT id FROM shop.customers;; SET threads = 1

SELECT 1 ; -- more
DROP TABLE shop.customers

WITH x AS (DELETE FROM shop.orders RETURNING *) SELECT * FROM x

WITH x AS (INSERT INTO shop.orders VALUES (9, 9, 9, 'x') RETURNING *) SELECT * FROM x

SELECT * INTO OUTFILE '/tmp/x' FROM shop.customers

SELECT * INTO TEMP t FROM shop.customers

SELECT id FROM shop.customers FOR SHARE

TABLE shop.customers

TABLE duckdb_settings

VALUES ((SELECT max(iban) FROM bank.accounts))

FROM (VALUES ((SELECT max(secret) FROM shop.customers)))

LOCK TABLE bank.accounts

GRANT SELECT ON bank.accounts TO nobody

KILL 1

LISTEN x

DO $$ BEGIN PERFORM 1; END $$

DECLARE c CURSOR FOR SELECT * FROM bank.accounts

FETCH ALL FROM c

HANDLER bank.accounts OPEN

SET ROLE owner

SET SESSION AUTHORIZATION owner

REFRESH MATERIALIZED VIEW x

REPLACE INTO shop.orders VALUES (1)

LOAD DATA INFILE '/etc/passwd' INTO TABLE shop.orders

UNPIVOT shop.customers ON COLUMNS(*) INTO NAME n VALUE v

PIVOT bank.accounts ON iban USING sum(balance)

PIVOT shop.customers ON secret

PIVOT_WIDER shop.customers ON secret USING count(*)
