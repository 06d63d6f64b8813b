SELECT CASE WHEN name LIKE 'B%' THEN CAST(name AS INT) END FROM shop.customers

SELECT id FROM shop.customers WHERE CAST(name AS INT) > 0 AND country = 'US'

SELECT id FROM shop.customers WHERE country = 'US' AND CAST(name AS INT) > 0

SELECT id FROM shop.orders WHERE CAST(amount AS TINYINT) >= 0

SELECT id FROM shop.orders WHERE CAST(CAST(amount AS INT) AS UTINYINT) >= 0

SELECT CAST(amount AS DECIMAL(4,2)) FROM shop.orders

SELECT sum(CAST(amount AS TINYINT)) FROM shop.orders

SELECT max(CAST(status AS INT)) FILTER (WHERE status <> 'paid') FROM shop.orders

SELECT id + 9223372036854775800 FROM shop.customers

SELECT id * 3000000000000000000 FROM shop.customers

SELECT sum(id * 3000000000000000000) FROM shop.customers

SELECT factorial(CAST(id AS INT) * 10) FROM shop.customers

SELECT 1 / (id - 2), 1 % (id - 2), 1 // (id - 2) FROM shop.customers

SELECT CAST(1.0 / (id - 2) AS DECIMAL(3,1)) FROM shop.customers

SELECT make_date(2020, CAST(id AS INT) * 5, 1) FROM shop.customers

SELECT DATE '9999-12-31' + CAST(id AS INT) * 1000000 FROM shop.customers

SELECT strptime(status, '%Y') FROM shop.orders WHERE status <> 'paid'

SELECT regexp_matches('x', name || '(') FROM shop.customers WHERE country <> 'CA'

SELECT ln(id - 3), sqrt(id - 3), acos(id) FROM shop.customers WHERE id > 3

SELECT repeat('x', CAST(id AS INT)), chr(CAST(id AS INT) - 3) FROM shop.customers

SELECT [1, 2, 3][id], list_extract([1], id), array_extract([1], id) FROM shop.customers

SELECT (SELECT unnest([1, 2]) LIMIT id) FROM shop.customers

SELECT (SELECT x FROM (VALUES (1), (2)) v(x) WHERE x <= customers.id) FROM shop.customers

SELECT json_extract(name, '$.a') FROM shop.customers WHERE country = 'US'

SELECT CAST(status AS JSON) FROM shop.orders WHERE status <> 'paid'

SELECT CAST(status AS UUID) FROM shop.orders WHERE status <> 'paid'

SELECT CAST(status AS BOOLEAN), CAST(status AS TIMESTAMP), CAST(status AS INT[]) FROM shop.orders WHERE status <> 'paid'

SELECT CAST(status AS ENUM('paid')) FROM shop.orders

SELECT unhex(status), from_base64(status), decode(unhex(status)) FROM shop.orders WHERE status <> 'paid'

SELECT decode(from_base64(name)) FROM shop.customers WHERE country = 'US'

SELECT printf(status || '%d%d', 1) FROM shop.orders WHERE status <> 'paid'

SELECT format(status || '{', 1) FROM shop.orders WHERE status <> 'paid'

SELECT try(CAST(name AS INT)) FROM shop.customers

SELECT TRY_CAST(name AS INT), TRY_CAST(amount AS TINYINT) FROM shop.customers, shop.orders

SELECT list_transform([name], lambda n: CASE WHEN n LIKE 'B%' THEN CAST(n AS INT) END) FROM shop.customers

SELECT list_filter([id], lambda i: CASE WHEN i = 2 THEN CAST('x' AS INT) = 1 ELSE true END) FROM shop.customers

SELECT [CAST(n AS INT) FOR n IN [name] IF n LIKE 'B%'] FROM shop.customers

SELECT list_reduce([name, 'x'], lambda a, b: CASE WHEN a LIKE 'B%' THEN CAST(CAST(a AS INT) AS VARCHAR) ELSE a END) FROM shop.customers

SELECT country FROM shop.customers GROUP BY country HAVING max(CASE WHEN country = 'US' THEN CAST(name AS INT) END) IS NULL

SELECT id FROM shop.customers ORDER BY CASE WHEN country = 'US' THEN CAST(name AS INT) END

SELECT id FROM shop.customers ORDER BY CASE WHEN id = 2 THEN CAST(name AS INT) END LIMIT 1

SELECT row_number() OVER (ORDER BY CASE WHEN country = 'US' THEN CAST(name AS INT) END) FROM shop.customers

SELECT id FROM shop.customers QUALIFY max(CASE WHEN country = 'US' THEN CAST(name AS INT) END) OVER () IS NULL

SELECT id FROM shop.customers LIMIT (SELECT count(CASE WHEN country = 'US' THEN CAST(name AS INT) END) + 1 FROM shop.customers)

SELECT c.id FROM shop.customers c JOIN range(5) r ON CASE WHEN c.country = 'US' THEN CAST(c.name AS INT) = 1 ELSE r.range = c.id END

SELECT c.id FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id AND CASE WHEN o.status <> 'paid' THEN CAST('x' || o.status AS INT) = 1 ELSE true END

SELECT c.id FROM shop.customers c LEFT JOIN shop.orders o ON CAST(o.amount AS TINYINT) = c.id

SELECT c.id FROM shop.customers c SEMI JOIN shop.orders o ON CAST(o.amount AS TINYINT) >= c.id

SELECT c.id FROM shop.customers c ASOF JOIN shop.orders o ON c.id >= CAST(o.amount AS TINYINT)

SELECT c.id FROM shop.customers c WHERE EXISTS (SELECT 1 FROM shop.orders o WHERE CASE WHEN o.amount > 100 THEN CAST('x' AS INT) = 1 ELSE o.customer_id = c.id END)

SELECT id FROM shop.customers WHERE id IN (SELECT CAST(amount AS TINYINT) FROM shop.orders)

SELECT id FROM shop.customers WHERE id = (SELECT max(CAST(amount AS TINYINT)) FROM shop.orders)

SELECT (SELECT id FROM shop.customers WHERE country <> 'CA') AS a

SELECT (SELECT id FROM shop.customers WHERE id <> 1) AS a

SELECT x FROM shop.customers c, LATERAL (SELECT CASE WHEN c.country = 'US' THEN CAST(c.name AS INT) END AS x)

WITH x AS NOT MATERIALIZED (SELECT CAST(name AS INT) AS n, country FROM shop.customers) SELECT count(*) FROM x WHERE country = 'US'

WITH x AS MATERIALIZED (SELECT CASE WHEN country = 'US' THEN CAST(name AS INT) END AS n FROM shop.customers) SELECT n FROM x

WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r JOIN shop.customers c ON CASE WHEN c.country = 'US' THEN CAST(c.name AS INT) = 1 ELSE n < 3 END) SELECT count(*) FROM r

SELECT CAST(name AS INT) FROM shop.customers WHERE country = 'US' UNION ALL SELECT 1

SELECT name FROM shop.customers WHERE country = 'US' UNION ALL SELECT CAST(status AS INT) FROM shop.orders WHERE status <> 'paid'

SELECT * FROM (SELECT CAST(name AS INT) AS n, country FROM shop.customers) WHERE country = 'US'

SELECT count(*) FROM (SELECT DISTINCT CASE WHEN country = 'US' THEN CAST(name AS INT) END FROM shop.customers)

SELECT coalesce(CASE WHEN country = 'US' THEN CAST(name AS INT) END, 0) FROM shop.customers

SELECT sum(CASE WHEN country = 'US' THEN CAST(name AS INT) END) OVER (PARTITION BY country) FROM shop.customers

SELECT count(*) FROM shop.customers TABLESAMPLE 100% WHERE CASE WHEN country = 'US' THEN CAST(name AS INT) = 1 ELSE true END

SELECT id FROM shop.customers WHERE country = 'US' AND 1 = CAST('x' || name AS INT) OR country = 'CA'

SELECT id FROM shop.customers WHERE NOT (country = 'CA' AND true) AND CAST(name AS INT) IS NULL

SELECT id FROM shop.orders WHERE amount > 1000 AND CAST(CAST(amount AS INT) AS TINYINT) = 1

SELECT id FROM shop.orders WHERE amount BETWEEN 100 AND CAST(status AS INT)

SELECT id FROM shop.orders WHERE status IN ('open', CAST(CAST(status AS INT) AS VARCHAR)) AND amount > 50

SELECT id FROM music.tracks WHERE CAST(title AS INT) = 0 AND explicit

SELECT id FROM music.tracks WHERE CASE WHEN explicit THEN CAST(title AS INT) = 0 ELSE true END

SELECT id FROM music.tracks WHERE CASE WHEN released < DATE '2000-01-01' THEN CAST('x' || title AS INT) = 0 ELSE true END

SELECT id FROM bank.accounts WHERE CAST(iban AS INT) = 0 AND customer_id <> 1

SELECT id FROM bank.accounts WHERE CASE WHEN customer_id <> 1 THEN CAST(iban AS INT) = 0 ELSE true END

SELECT id FROM bank.accounts WHERE CAST(balance AS UTINYINT) > 0

SELECT id FROM bank.accounts WHERE 1 / customer_id > 5

SELECT 1 // id FROM bank.accounts WHERE id = 0

SELECT id FROM files.visits WHERE CAST(page AS INT) = 0 AND page <> 'home'

SELECT id FROM files.visits WHERE CASE WHEN page <> 'home' THEN CAST(page AS INT) = 0 ELSE true END

SELECT count(*) FROM files.visits WHERE CAST(id AS TINYINT) = 12 OR CAST(page AS INT) = 1

SELECT (SELECT page FROM files.visits WHERE id = 2) AS a, (SELECT title FROM music.tracks WHERE id <> 1) AS b
