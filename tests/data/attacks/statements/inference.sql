SELECT count(*) FROM shop.customers

SELECT count(*), min(id), max(id), sum(id) FROM shop.orders

SELECT count(*) FROM shop.customers WHERE country <> 'CA' OR country IS NULL

SELECT count(*) FROM shop.orders WHERE customer_id = 2 OR true

SELECT min(amount), max(amount), avg(amount), stddev(amount) FROM shop.orders

SELECT approx_count_distinct(name), approx_quantile(id, 0.9), histogram(country) FROM shop.customers

SELECT country, count(*) FROM shop.customers GROUP BY ALL ORDER BY ALL

SELECT country, count(*) FROM shop.customers GROUP BY GROUPING SETS ((country), ())

SELECT status, count(*) FROM shop.orders GROUP BY CUBE (status, customer_id)

SELECT status FROM shop.orders GROUP BY status HAVING count(*) > 0

SELECT DISTINCT country FROM shop.customers

SELECT DISTINCT ON (country) country, id FROM shop.customers ORDER BY country, id DESC

SELECT id FROM shop.customers ORDER BY id DESC LIMIT 1

SELECT id FROM shop.customers ORDER BY id OFFSET 2

SELECT id FROM shop.customers ORDER BY id LIMIT 50%

SELECT id FROM shop.customers ORDER BY id FETCH FIRST 3 ROWS ONLY

SELECT rank() OVER (ORDER BY id), percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY id) FROM shop.customers

SELECT ntile(4) OVER (ORDER BY id), row_number() OVER (ORDER BY id) FROM shop.orders

SELECT lag(id) OVER (ORDER BY id), lead(id) OVER (ORDER BY id) FROM shop.customers

SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM shop.customers

SELECT count(*) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM shop.customers

SELECT count(*) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM shop.orders

SELECT nth_value(name, 2) OVER (ORDER BY id) FROM shop.customers

SELECT last_value(name IGNORE NULLS) OVER (ORDER BY id) FROM shop.customers

SELECT id FROM shop.customers QUALIFY count(*) OVER () > 2

SELECT count(*) FROM shop.customers CROSS JOIN shop.orders

SELECT count(*) FROM shop.customers c FULL JOIN shop.orders o ON c.id = o.customer_id

SELECT * FROM shop.orders o LEFT JOIN shop.customers c ON c.id = o.customer_id WHERE c.id IS NULL

SELECT * FROM (SELECT unnest([1, 2, 3, 4]) AS id) x ANTI JOIN shop.customers USING (id)

SELECT * FROM (SELECT unnest([1, 2, 3, 4]) AS id) x SEMI JOIN shop.customers USING (id)

SELECT * FROM (SELECT unnest([1, 2, 3, 4, 5]) AS id) x LEFT JOIN shop.orders USING (id)

SELECT * FROM (SELECT unnest([1, 2, 3, 4]) AS id) x NATURAL JOIN shop.customers

SELECT * FROM (SELECT unnest([1, 2, 3, 4]) AS id) x ASOF LEFT JOIN shop.customers c USING (id)

SELECT * FROM (SELECT unnest([1, 2, 3, 4]) AS n) x POSITIONAL JOIN shop.customers c

SELECT * FROM shop.customers a JOIN shop.customers b ON a.id = b.id + 1

SELECT * FROM shop.customers a, shop.customers b WHERE a.id < b.id

SELECT 2 IN (SELECT id FROM shop.customers) AS a, 2 = ANY (SELECT id FROM shop.customers) AS b

SELECT 2 NOT IN (SELECT id FROM shop.customers) AS a, 100 > ALL (SELECT amount FROM shop.orders) AS b

SELECT EXISTS (FROM shop.customers WHERE id = 2) AS a

SELECT (SELECT name FROM shop.customers WHERE id = 2) AS a

SELECT (SELECT name FROM shop.customers)

SELECT (SELECT name FROM shop.customers WHERE id IN (1, 2)) AS a

SELECT ARRAY(SELECT name FROM shop.customers ORDER BY id)

SELECT list(name ORDER BY id), string_agg(name, ',' ORDER BY id DESC) FROM shop.customers

SELECT c.id, (SELECT count(*) FROM shop.orders o WHERE o.customer_id <> c.id) AS a FROM shop.customers c

SELECT x.* FROM shop.customers c, LATERAL (SELECT * FROM shop.orders o WHERE o.customer_id > c.id) x

SELECT id FROM shop.customers UNION SELECT customer_id FROM shop.orders ORDER BY 1

SELECT customer_id FROM shop.orders EXCEPT SELECT id FROM shop.customers

SELECT id FROM shop.customers UNION ALL BY NAME SELECT customer_id AS id FROM shop.orders

SELECT id FROM shop.customers UNION ALL SELECT name FROM shop.customers

SELECT name FROM shop.customers UNION ALL SELECT 1

SELECT CAST(id AS UTINYINT) FROM shop.customers UNION ALL SELECT 300

SELECT NULL::INTEGER UNION ALL SELECT name FROM shop.customers WHERE false

SELECT count(*) FROM shop.customers TABLESAMPLE 100 PERCENT (bernoulli)

SELECT count(*) FROM shop.orders USING SAMPLE 100%

SELECT count(*) FROM shop.orders TABLESAMPLE reservoir(100 ROWS) REPEATABLE (1)

SELECT id FROM shop.customers WHERE id BETWEEN 2 AND 2

SELECT id FROM shop.customers WHERE country = (SELECT 'US')

SELECT id FROM shop.customers WHERE country IN (SELECT country FROM shop.customers WHERE country = 'US')

SELECT id FROM shop.customers WHERE ('country', 'US') = ('country', country)

SELECT id FROM shop.customers WHERE NOT (country = 'CA')

SELECT id FROM shop.customers WHERE country = 'CA' OR country = 'US' UNION ALL SELECT id FROM shop.customers

SELECT id FROM shop.orders WHERE customer_id IN (SELECT id FROM shop.customers WHERE country = 'US')

SELECT id FROM shop.orders o WHERE NOT EXISTS (SELECT 1 FROM shop.customers WHERE id = o.customer_id)

SELECT id FROM shop.orders ORDER BY amount DESC LIMIT 1

SELECT id, amount FROM shop.orders WHERE amount = (SELECT max(amount) FROM shop.orders)

SELECT width FROM (SELECT max(length(name)) AS width FROM shop.customers)

SELECT bit_xor(id), product(id), bool_or(country = 'US'), corr(id, id), mad(id) FROM shop.customers

SELECT checksum(name) FROM shop.customers

SELECT arg_max(name, id), arg_min(name, id), first(name ORDER BY id DESC) FROM shop.customers

SELECT sum(hash(name)) FROM shop.customers

SELECT reservoir_quantile(id, 0.5), quantile_cont(id, [0.1, 0.9]) FROM shop.customers

SELECT * FROM shop.customers WHERE id = (SELECT id FROM shop.customers ORDER BY id LIMIT 1 OFFSET 1)

SELECT count(*) FROM range(10) r JOIN shop.customers c ON r.range = c.id

SELECT r.range FROM range(10) r WHERE NOT EXISTS (SELECT 1 FROM shop.customers c WHERE c.id = r.range)

SELECT count(*), min(id), max(title) FROM music.tracks

SELECT id FROM music.tracks WHERE title = 'titlecanary' OR explicit

SELECT max(released), min(released) FROM music.tracks

SELECT count(*), max(balance), max(iban) FROM bank.accounts

SELECT id FROM bank.accounts WHERE customer_id <> 1

SELECT id FROM bank.accounts ORDER BY balance DESC LIMIT 1

SELECT count(*), max(page), mode(page) FROM files.visits

SELECT page FROM files.visits WHERE page <> 'home'

SELECT v.page FROM files.visits v FULL JOIN bank.accounts a ON v.customer_id = a.customer_id
