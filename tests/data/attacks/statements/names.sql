SELECT * FROM "bank"."accounts"

SELECT * FROM bank."public"."accounts"

SELECT * FROM "bank.accounts"

SELECT * FROM "bank"."public.accounts"

SELECT * FROM "~bank"."public"."accounts"

SELECT * FROM "~music".main.tracks

SELECT * FROM "~music".tracks

SELECT * FROM "~music".sqlite_master

SELECT * FROM "~shop"."customers"

SELECT * FROM "~shop.customers@0"

SELECT * FROM "~shop.orders@0"."~shop.orders@0"

SELECT * FROM "~"."shop.customers@0"

SELECT * FROM memory."~"."bank.accounts@live"

SELECT * FROM memory."~"."shop.customers@0"

SELECT * FROM "~".shop.customers

SELECT * FROM main."shop.customers@0"

SELECT * FROM temp.main.customers

SELECT * FROM system.main.duckdb_views

SELECT * FROM main.sqlite_master

SELECT * FROM memory.main.sqlite_master

SELECT * FROM sqlite_schema

SELECT * FROM sqlite_temp_master

SELECT * FROM duckdb_columns

SELECT * FROM duckdb_databases

SELECT * FROM duckdb_views

SELECT * FROM "duckdb_views"

SELECT * FROM duckdb_logs

SELECT * FROM pragma_database_list

SELECT * FROM pg_class

SELECT * FROM pg_catalog.pg_class

SELECT * FROM pg_catalog.pg_settings

SELECT * FROM pg_stat_activity

SELECT * FROM pg_shadow

SELECT * FROM "~bank".pg_catalog.pg_authid

SELECT * FROM "~bank".information_schema.columns

SELECT * FROM bank.pg_catalog.pg_stats

SELECT * FROM bank.information_schema.tables

SELECT * FROM information_schema.columns WHERE column_name = 'secret'

SELECT * FROM information_schema.schemata

SELECT * FROM shop.information_schema.tables

SELECT * FROM system.information_schema.tables

SELECT * FROM mysql.user

SELECT * FROM system.audit

SELECT * FROM system.journal

SELECT * FROM '{home}/lake/shop/customers/*.parquet'

SELECT * FROM "{home}/lake/shop/customers/*.parquet"

SELECT * FROM '{home}/files/visits.parquet'

SELECT * FROM '{home}/lake/system/journal.sqlite'

SELECT * FROM '{home}/policy.yaml'

SELECT * FROM 'files/**/*.parquet'

SELECT * FROM 'https://example.com/x.parquet'

SELECT * FROM 's3://bucket/x.parquet'

SELECT * FROM 'file:///etc/passwd'

SELECT * FROM '/proc/self/environ'

SELECT * FROM '/dev/stdin'

SELECT * FROM 'x.json'

SELECT * FROM 'data.csv.gz'

SELECT * FROM gateway

SELECT * FROM catalog

SELECT * FROM self

SELECT * FROM df

SELECT * FROM shop

SELECT * FROM shop."customers "

SELECT * FROM shop.customers.id

SELECT * FROM shop..customers

SELECT * FROM .customers

SELECT * FROM shop.main.main.customers

SELECT * FROM shop.public.customers

SELECT * FROM SHOP.MAIN.ORDERS, BANK.PUBLIC.ACCOUNTS

SELECT * FROM shop.customers@0

SELECT * FROM shop."customers@0"

SELECT * FROM shop.customers VERSION AS OF 0

SELECT * FROM shop.customers TIMESTAMP AS OF '2020-01-01'

SELECT * FROM shop.customers FOR SYSTEM_TIME AS OF '2020-01-01'

SELECT * FROM shop.orders AT (TIMESTAMP => now())

SELECT * FROM ONLY bank.accounts

SELECT * FROM LATERAL bank.accounts

SELECT * FROM (bank.accounts)

SELECT * FROM ((bank.accounts) CROSS JOIN shop.customers)

SELECT * FROM (TABLE bank.accounts)

SELECT * FROM (FROM bank.accounts)

SELECT * FROM (SHOW TABLES)

SELECT * FROM (SHOW DATABASES)

SELECT * FROM (DESCRIBE bank.accounts)

SELECT * FROM (DESCRIBE SELECT secret FROM shop.customers)

SELECT * FROM (SUMMARIZE bank.accounts)

SELECT * FROM (SUMMARIZE shop.customers)

SELECT * FROM (PRAGMA database_list)

SELECT * FROM (CALL duckdb_tables())

SELECT * FROM (EXPLAIN SELECT 1)

SELECT * FROM (PIVOT shop.customers ON country USING count(*))

SELECT * FROM shop.customers PIVOT (count(*) FOR secret IN ('s1'))

SELECT * FROM shop.customers UNPIVOT (v FOR n IN (name, secret))

SELECT * FROM bank.accounts UNPIVOT (v FOR n IN (iban))

SELECT * FROM shop.customers JOIN bank.accounts USING (id)

SELECT * FROM shop.customers NATURAL JOIN bank.accounts

SELECT * FROM shop.customers POSITIONAL JOIN music.tracks

SELECT * FROM shop.customers c ASOF JOIN bank.accounts a ON c.id >= a.customer_id

SELECT * FROM shop.customers SEMI JOIN bank.accounts USING (id)

SELECT * FROM shop.customers ANTI JOIN bank.accounts USING (id)

SELECT id FROM shop.customers INTERSECT SELECT customer_id FROM bank.accounts

SELECT id FROM shop.customers UNION BY NAME SELECT iban FROM bank.accounts

SELECT (FROM bank.accounts SELECT max(iban))

SELECT id FROM shop.customers WHERE id > ALL (SELECT id FROM bank.accounts)

SELECT id FROM shop.customers WHERE (id, 1) IN (FROM bank.accounts SELECT id, customer_id)

SELECT ARRAY(SELECT iban FROM bank.accounts)

SELECT list_transform([1], lambda x: (SELECT max(iban) FROM bank.accounts))

SELECT [(SELECT max(iban) FROM bank.accounts) FOR x IN [1]]

SELECT max(id) OVER (PARTITION BY (SELECT max(iban) FROM bank.accounts)) FROM shop.customers

SELECT max(id) OVER w FROM shop.customers WINDOW w AS (ORDER BY (SELECT max(balance) FROM bank.accounts))

SELECT sum(id ORDER BY (SELECT max(iban) FROM bank.accounts)) FROM shop.customers

SELECT id FROM shop.customers GROUP BY id, (SELECT count(*) FROM bank.accounts)

SELECT id FROM shop.customers GROUP BY GROUPING SETS ((id), ((SELECT max(id) FROM bank.accounts)))

SELECT id FROM shop.customers LIMIT (SELECT count(*) FROM bank.accounts) PERCENT

SELECT DISTINCT ON ((SELECT max(iban) FROM bank.accounts)) id FROM shop.customers

SELECT * REPLACE ((SELECT max(iban) FROM bank.accounts) AS name) FROM shop.customers

SELECT CAST((SELECT max(iban) FROM bank.accounts) AS INTEGER)

SELECT INTERVAL (SELECT count(*) FROM bank.accounts) DAY

SELECT {'a': {'b': [(SELECT max(iban) FROM bank.accounts)]}}

SELECT MAP {'k': (SELECT max(iban) FROM bank.accounts)}

SELECT * FROM range((SELECT max(id) FROM bank.accounts)) t(n)

SELECT * FROM shop.customers, LATERAL (SELECT * FROM bank.accounts a WHERE a.id = customers.id)

SELECT * FROM unnest(ARRAY(SELECT secret FROM shop.customers)) WITH ORDINALITY

SELECT EXISTS (FROM bank.accounts WHERE iban LIKE 'CA%')

SELECT 1 WHERE NOT EXISTS (FROM music.tracks)
