WITH shop AS (SELECT 1 AS x) SELECT * FROM shop.customers

WITH customers AS (SELECT 1 AS x) SELECT * FROM shop.customers

WITH "shop.customers" AS (SELECT 1 AS x) SELECT * FROM shop.customers

WITH "shop.customers" AS (SELECT * FROM shop.customers) SELECT * FROM "shop.customers"

WITH "shop.customers@0" AS (SELECT 1 AS x) SELECT * FROM "shop.customers@0"

WITH "~" AS (SELECT 1 AS x) SELECT * FROM "~"

WITH "~bank" AS (SELECT 1 AS x) SELECT * FROM "~bank".public.accounts

WITH bank AS (SELECT 1 AS x) SELECT * FROM bank.accounts

WITH accounts AS (SELECT * FROM accounts) SELECT * FROM accounts

WITH accounts AS (SELECT 1 AS x) SELECT * FROM bank.public.accounts

WITH duckdb_views AS (SELECT * FROM duckdb_views) SELECT * FROM duckdb_views

WITH a AS (SELECT * FROM duckdb_views), duckdb_views AS (SELECT 1 AS x) SELECT * FROM a

WITH RECURSIVE a AS (SELECT * FROM duckdb_views), duckdb_views AS (SELECT 1 AS x) SELECT * FROM a

SELECT * FROM (WITH duckdb_views AS (SELECT 1 AS x) SELECT * FROM duckdb_views) a, duckdb_views

SELECT 1 UNION ALL (WITH duckdb_views AS (SELECT 1 AS x) SELECT 1) UNION ALL SELECT view_oid FROM duckdb_views

(WITH duckdb_views AS (SELECT 1 AS x) SELECT 1) UNION ALL SELECT view_oid FROM duckdb_views

(WITH duckdb_views AS (SELECT 1 AS x) SELECT 1) INTERSECT (SELECT 1 FROM duckdb_views)

SELECT (WITH duckdb_views AS (SELECT 1 AS x) SELECT x FROM duckdb_views), (SELECT max(view_name) FROM duckdb_views)

SELECT 1 WHERE EXISTS (WITH sqlite_master AS (SELECT 1) FROM sqlite_master) AND EXISTS (FROM sqlite_master)

SELECT * FROM (WITH pg_class AS (SELECT 1 AS x) FROM pg_class) a JOIN pg_class b ON true

SELECT * FROM (SELECT 1) a, LATERAL (WITH sqlite_master AS (SELECT 1) FROM sqlite_master) b, sqlite_master c

WITH a AS (WITH sqlite_master AS (SELECT 1 AS x) SELECT * FROM sqlite_master) SELECT * FROM sqlite_master

WITH a AS MATERIALIZED (SELECT * FROM shop.customers) SELECT a.secret FROM a

WITH a AS NOT MATERIALIZED (SELECT * FROM shop.customers) SELECT * FROM a WHERE country = 'US'

WITH a(x, y, z, w) AS (SELECT * FROM shop.customers) SELECT w FROM a WHERE w <> 'CA'

WITH RECURSIVE r AS (SELECT id, name FROM shop.customers UNION SELECT o.id, o.status FROM r JOIN shop.orders o ON true) SELECT * FROM r

WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM r JOIN shop.customers ON n < 4) SELECT count(*) FROM r

WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT max(id) FROM r, bank.accounts WHERE n < 1) SELECT * FROM r

WITH RECURSIVE r(n) USING KEY (n) AS (SELECT 1 UNION SELECT id FROM r, bank.accounts WHERE n < 0) SELECT * FROM r

WITH x AS (SELECT * FROM shop.customers) SELECT * FROM x UNION ALL SELECT *, 1 FROM shop.customers

WITH c AS (SELECT 1 AS id) SELECT c.* FROM shop.customers AS c

WITH c AS (SELECT 's' AS secret) SELECT c.secret FROM shop.customers c

WITH orders AS (SELECT * FROM shop.customers) SELECT secret FROM orders

WITH orders AS (SELECT 's2' AS secret) SELECT orders.secret FROM shop.orders

WITH x AS (SELECT 1 AS customer_id) SELECT * FROM x, shop.orders WHERE x.customer_id = 1

WITH "CUSTOMERS" AS (SELECT 's' AS secret) SELECT secret FROM customers

SELECT customers.secret FROM shop.customers AS orders, shop.orders AS customers

SELECT * FROM shop.customers AS "shop.orders", shop.orders AS "shop.customers"

SELECT shop.customers.secret FROM shop.orders AS shop

SELECT bank.accounts.iban FROM shop.customers AS bank

SELECT "~".x FROM shop.customers AS "~"(x)

SELECT * FROM shop.customers AS c(id, name, email, secret) WHERE secret = 'US'

SELECT * FROM shop.customers c(country, a, b, d) WHERE country = 1

SELECT * FROM (SELECT 'CA' AS country) x, shop.customers WHERE x.country = 'CA'

SELECT * FROM shop.customers c WHERE EXISTS (SELECT 1 FROM shop.orders WHERE customer_id = 2 AND country = 'CA')

SELECT (SELECT count(*) FROM shop.orders WHERE customer_id = c.id) AS a FROM (SELECT 2 AS id, 'CA' AS country) c

SELECT (SELECT list(name) FROM shop.customers WHERE country = c.country) AS a FROM (SELECT 'US' AS country) c

SELECT * FROM (SELECT 2 AS id) customers, LATERAL (SELECT * FROM shop.orders WHERE customer_id = customers.id)

SELECT * FROM (SELECT 2 AS customer_id, 'CA' AS country) o WHERE customer_id IN (SELECT customer_id FROM shop.orders)

WITH RECURSIVE "~shop.customers@0" AS (SELECT * FROM "~shop.customers@0") SELECT * FROM "~shop.customers@0"

WITH RECURSIVE "~shop.orders@0" AS (SELECT * FROM "~shop.orders@0" UNION ALL SELECT * FROM "~shop.orders@0" WHERE false) SELECT * FROM "~shop.orders@0"

WITH RECURSIVE "{home}/lake/shop/customers/*.parquet" AS (SELECT * FROM "{home}/lake/shop/customers/*.parquet") SELECT * FROM "{home}/lake/shop/customers/*.parquet"

WITH RECURSIVE "{home}/files/*.parquet" AS (SELECT (SELECT list(page) FROM "{home}/files/*.parquet")) SELECT * FROM "{home}/files/*.parquet"

WITH RECURSIVE duckdb_databases AS (SELECT database_name, path FROM duckdb_databases) SELECT * FROM duckdb_databases

WITH RECURSIVE duckdb_columns AS (SELECT table_name, column_name FROM duckdb_columns) SELECT * FROM duckdb_columns

WITH RECURSIVE sqlite_master AS ((SELECT name FROM sqlite_master) EXCEPT (SELECT 'x')) SELECT * FROM sqlite_master

WITH RECURSIVE x AS (SELECT 1), duckdb_views(a, b) USING KEY (a) AS (SELECT view_name, sql FROM duckdb_views UNION SELECT 'x', 'y' WHERE false) SELECT * FROM duckdb_views

WITH RECURSIVE pg_settings AS (SELECT setting FROM pg_settings WHERE name LIKE '%director%') SELECT * FROM pg_settings

WITH "ducKdb_databases" AS (SELECT 1) SELECT database_name, path FROM duckdb_databases

WITH "ducKdb_columns" AS (SELECT 1) SELECT table_name, column_name FROM duckdb_columns

WITH "{home}/laKe/shop/customers/*.parquet" AS (SELECT 1) SELECT * FROM "{home}/lake/shop/customers/*.parquet"

WITH "duckdb_vıews" AS (SELECT 1) SELECT * FROM duckdb_views

WITH "duckdb_viewſ" AS (SELECT 1) SELECT * FROM duckdb_views

WITH "İ" AS (SELECT 1) SELECT * FROM "i̇"
