SELECT secret FROM shop.customers

SELECT c.secret FROM shop.customers AS c

SELECT c."SECRET" FROM shop.customers AS c

SELECT shop.customers.secret FROM shop.customers

SELECT shop.main.customers.secret FROM shop.main.customers

SELECT customers.customers.secret FROM shop.customers

SELECT (c).secret FROM shop.customers c

SELECT (c.*).secret FROM shop.customers c

SELECT c['secret'] FROM shop.customers c

SELECT struct_extract(c, 'secret') FROM shop.customers c

SELECT struct_extract_at(c, 5) FROM shop.customers c

SELECT struct_keys(c), struct_values(c) FROM shop.customers c

SELECT struct_insert(c, x := 1) FROM shop.customers c

SELECT struct_concat(c, {'secret': 1}) FROM shop.customers c

SELECT to_json(c) FROM shop.customers c

SELECT row_to_json(c) FROM shop.customers c

SELECT json_extract(to_json(c), '$.secret') FROM shop.customers c

SELECT to_json(c) ->> 'secret' FROM shop.customers c

SELECT to_json(c) -> '$.*' FROM shop.customers c

SELECT json_structure(to_json(c)) FROM shop.customers c

SELECT CAST(c AS VARCHAR) FROM shop.customers c

SELECT typeof(c) FROM shop.customers c

SELECT row(c.*) FROM shop.customers c

SELECT [c] FROM shop.customers c

SELECT list(c) FROM shop.customers c

SELECT max(c) FROM shop.customers c

SELECT arg_max(c, secret) FROM shop.customers c

SELECT unnest(c) FROM shop.customers c

SELECT unnest([c], recursive := true) FROM shop.customers c

SELECT hash(c), md5(CAST(c AS VARCHAR)) FROM shop.customers c

SELECT c.* FROM shop.customers c ORDER BY c

SELECT * FROM shop.customers ORDER BY ALL

SELECT DISTINCT * FROM shop.customers

SELECT count(DISTINCT c) FROM shop.customers c

SELECT * EXCLUDE (id) FROM shop.customers

SELECT * EXCLUDE (secret) FROM shop.customers

SELECT * EXCLUDE (iban) FROM shop.customers

SELECT * REPLACE (secret AS name) FROM shop.customers

SELECT * REPLACE (1 AS secret) FROM shop.customers

SELECT * RENAME (secret AS name) FROM shop.customers

SELECT * RENAME (name AS secret) FROM shop.customers

SELECT * LIKE 's%' FROM shop.customers

SELECT * ILIKE '%SECRET%' FROM shop.customers

SELECT * SIMILAR TO 's.*' FROM shop.customers

SELECT * GLOB 's*' FROM shop.customers

SELECT COLUMNS(*) FROM shop.customers

SELECT COLUMNS('secret|joined') FROM shop.customers

SELECT COLUMNS('(.*)') AS 'x_\1' FROM shop.customers

SELECT COLUMNS(c -> c = 'secret') FROM shop.customers

SELECT COLUMNS(['id', 'secret']) FROM shop.customers

SELECT COLUMNS(* EXCLUDE (id)) FROM shop.customers

SELECT max(COLUMNS(*)) FROM shop.customers

SELECT id FROM shop.customers WHERE COLUMNS(*) = 's2'

SELECT concat(*COLUMNS(*)) FROM shop.customers

SELECT coalesce(*COLUMNS('sec.*')) FROM shop.customers

SELECT c.COLUMNS('secret') FROM shop.customers c

SELECT #1, #5, #6 FROM shop.customers

SELECT id FROM shop.customers ORDER BY 5

SELECT id FROM shop.customers GROUP BY 1, secret

SELECT rowid FROM shop.customers

SELECT rowid, * FROM shop.orders

SELECT c.rowid FROM shop.customers c

SELECT ctid, xmin, tableoid FROM bank.accounts

SELECT filename, file_row_number FROM shop.customers

SELECT filename FROM files.visits

SELECT file_index, file_row_number FROM files.visits

SELECT file_index FROM shop.orders

SELECT _rowid_, oid FROM music.tracks

SELECT delta_file_number FROM shop.customers

SELECT _change_type, _commit_version FROM shop.customers

SELECT "$path" FROM shop.customers

SELECT "_metadata"."file_path" FROM shop.customers

SELECT input_file_name() FROM shop.customers

SELECT customers.ctid FROM shop.customers

SELECT tableoid::regclass FROM shop.customers

SELECT id FROM shop.customers WHERE secret = 's2'

SELECT id FROM shop.customers WHERE secret IS NOT NULL

SELECT id FROM shop.customers WHERE secret LIKE 's%' OR true

SELECT id FROM shop.customers WHERE true OR secret = 1

SELECT id FROM shop.customers WHERE false AND secret = 's'

SELECT id FROM shop.customers ORDER BY secret

SELECT id FROM shop.customers ORDER BY secret IS NULL, id

SELECT count(*) FROM shop.customers GROUP BY secret

SELECT count(*) FROM shop.customers GROUP BY ROLLUP (secret)

SELECT count(*) FROM shop.customers HAVING max(secret) = 's4'

SELECT id FROM shop.customers QUALIFY row_number() OVER (ORDER BY secret) = 1

SELECT rank() OVER (ORDER BY joined DESC) FROM shop.customers

SELECT ntile(2) OVER (PARTITION BY secret) FROM shop.customers

SELECT lag(secret) OVER (ORDER BY id) FROM shop.customers

SELECT first_value(c.secret) OVER () FROM shop.customers c

SELECT count(secret), count(DISTINCT joined) FROM shop.customers

SELECT min(joined), max(joined) FROM shop.customers

SELECT string_agg(name, ',' ORDER BY secret) FROM shop.customers

SELECT count(*) FILTER (WHERE secret > 's2') FROM shop.customers

SELECT approx_quantile(joined, 0.5) FROM shop.customers

SELECT histogram(secret), mode(secret), entropy(secret) FROM shop.customers

SELECT CASE WHEN secret = 's2' THEN 1 END FROM shop.customers

SELECT coalesce(NULL, secret), nullif(secret, ''), if(secret = '', 1, 2) FROM shop.customers

SELECT [secret], {'a': secret}, MAP {secret: 1} FROM shop.customers

SELECT [x FOR x IN [secret]] FROM shop.customers

SELECT list_transform([1], lambda x: secret) FROM shop.customers

SELECT list_filter([1], x -> secret = 's2') FROM shop.customers

SELECT try(secret) FROM shop.customers

SELECT a.id FROM shop.customers a JOIN shop.customers b USING (secret)

SELECT a.id FROM shop.customers a JOIN (SELECT 's2' AS secret) b USING (secret)

SELECT a.id FROM shop.customers a NATURAL JOIN (SELECT 's2' AS secret) b

SELECT b.* FROM shop.customers a NATURAL JOIN (SELECT 's2' AS secret, 2 AS id) b

SELECT a.id FROM shop.customers a ASOF JOIN (SELECT 's2' AS secret) b ON a.secret >= b.secret

SELECT a.id FROM shop.customers a SEMI JOIN (SELECT 's2' AS secret) b USING (secret)

SELECT o.id FROM shop.orders o LEFT JOIN shop.customers c ON c.secret = o.status

SELECT (SELECT secret) FROM shop.customers

SELECT (SELECT c.secret FROM (SELECT 1) x) FROM shop.customers c

SELECT x FROM shop.customers c, LATERAL (SELECT c.secret AS x)

SELECT x FROM shop.customers c, unnest([c.secret]) u(x)

SELECT x FROM shop.customers c CROSS JOIN LATERAL (VALUES (c.secret)) v(x)

SELECT secret FROM (SELECT * FROM shop.customers)

SELECT secret FROM (SELECT *, 1 AS z FROM shop.customers)

SELECT x.secret FROM (FROM shop.customers) x

SELECT secret FROM (SELECT id FROM shop.customers UNION ALL SELECT id FROM shop.orders)

SELECT name AS secret FROM shop.customers ORDER BY secret

SELECT 1 AS secret, secret + 1 AS more FROM shop.customers

SELECT id AS x, x.secret FROM shop.customers

SELECT secret.secret.secret FROM shop.customers

SELECT customers.secret.x FROM shop.customers

SELECT id FROM shop.customers LIMIT (SELECT length(max(secret)) FROM shop.customers)

SELECT id FROM shop.customers UNION BY NAME SELECT 's2' AS secret

SELECT * FROM shop.customers UNION BY NAME SELECT secret FROM shop.customers

SELECT secret FROM shop.customers EXCEPT SELECT 's2'

SELECT * FROM (VALUES ('s2')) v(secret) WHERE secret IN (SELECT secret FROM shop.customers)

SELECT * FROM (VALUES ('s2')) v(secret) WHERE EXISTS (SELECT 1 FROM shop.customers WHERE shop.customers.secret = v.secret)

SELECT GROUPING(secret) FROM shop.customers GROUP BY CUBE (secret)

SELECT DISTINCT ON (secret) id FROM shop.customers

SELECT id FROM shop.customers TABLESAMPLE 100% WHERE secret = 's1'

SELECT stats(secret) FROM shop.customers

SELECT alias(COLUMNS(*)) FROM shop.customers

FROM shop.customers SELECT secret

FROM shop.customers WHERE secret = 's2'

FROM shop.customers ORDER BY secret
