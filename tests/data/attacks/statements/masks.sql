SELECT id FROM shop.customers WHERE email = 'amailcanary@example.com'

SELECT id FROM shop.customers WHERE email LIKE 'amail%'

SELECT id FROM shop.customers WHERE starts_with(email, 'ama')

SELECT id FROM shop.customers WHERE email > 'am' AND email < 'an'

SELECT id FROM shop.customers WHERE length(email) = 23

SELECT id FROM shop.customers WHERE regexp_matches(email, '^a[a-z]+@')

SELECT id FROM shop.customers WHERE hash(email) = hash('amailcanary@example.com')

SELECT id FROM shop.customers WHERE md5(email) = md5('amailcanary@example.com')

SELECT length(email), ascii(email), reverse(email), hex(email), to_base64(encode(email)) FROM shop.customers

SELECT substr(email, 2, 20), email[2:], left(email, 5), split_part(email, '@', 1) FROM shop.customers

SELECT levenshtein(email, 'amailcanary@example.com'), jaccard(email, 'amail') FROM shop.customers

SELECT damerau_levenshtein(name, 'Browcanary Finch'), jaro_similarity(name, 'Browcanary') FROM shop.customers

SELECT hamming(left(email, 4), 'amai') FROM shop.customers

SELECT max(email), min(email), mode(email), list(email), string_agg(email, ',') FROM shop.customers

SELECT email, count(*) FROM shop.customers GROUP BY email ORDER BY 1

SELECT count(DISTINCT email), approx_count_distinct(email), entropy(email) FROM shop.customers

SELECT id FROM shop.customers ORDER BY email

SELECT rank() OVER (ORDER BY email), lead(email) OVER (ORDER BY id) FROM shop.customers

SELECT a.id FROM shop.customers a JOIN (SELECT 'amailcanary@example.com' AS email) b USING (email)

SELECT a.id FROM shop.customers a NATURAL JOIN (SELECT 'amailcanary@example.com' AS email) b

SELECT a.id FROM shop.customers a SEMI JOIN (SELECT 'amailcanary@example.com' AS email) b USING (email)

SELECT a.id FROM shop.customers a ANTI JOIN (SELECT 'amailcanary@example.com' AS email) b USING (email)

SELECT b.email FROM shop.customers a ASOF JOIN (SELECT 'am' AS email) b ON a.email >= b.email

SELECT a.email, b.email FROM shop.customers a JOIN shop.customers b ON a.email = b.email

SELECT a.email FROM shop.customers a JOIN shop.customers b USING (email) WHERE b.country = 'US'

SELECT email FROM (SELECT email FROM shop.customers) WHERE email <> 'a***@example.com'

SELECT email FROM shop.customers UNION SELECT secret FROM shop.customers

SELECT email FROM shop.customers INTERSECT SELECT 'amailcanary@example.com'

SELECT email FROM shop.customers EXCEPT SELECT 'a***@example.com'

SELECT CAST(email AS BLOB), encode(email), CAST(email AS VARCHAR) FROM shop.customers

SELECT CAST(email AS INT) FROM shop.customers

SELECT TRY_CAST(email AS INT), try(CAST(email AS INT)) FROM shop.customers

SELECT email::DATE FROM shop.customers

SELECT CAST(secret AS INT) FROM shop.customers

SELECT joined::DATE, year(joined), epoch(joined) FROM shop.customers

SELECT * FROM shop.customers WHERE joined = TIMESTAMP '1987-02-01'

SELECT * FROM shop.customers WHERE year(joined) < 2000

SELECT secret IS NULL, coalesce(secret, 'none'), length(secret) FROM shop.customers

SELECT concat(email, secret, name) FROM shop.customers

SELECT format('{} {}', email, secret), printf('%s', email) FROM shop.customers

SELECT CASE email WHEN 'amailcanary@example.com' THEN 'hit' END FROM shop.customers

SELECT list_transform([email], lambda e: e || '!') FROM shop.customers

SELECT json_object('e', email, 's', secret) FROM shop.customers

SELECT strip_accents(email), nfc_normalize(email), url_encode(email), translate(email, '*', '?') FROM shop.customers

SELECT replace(email, '***', name) FROM shop.customers WHERE id IN (SELECT id FROM shop.customers)

SELECT regexp_replace(email, '\*+', '\0\1') FROM shop.customers

SELECT regexp_extract(email, '(.*)@(.*)', 1), regexp_split_to_array(email, '@') FROM shop.customers

SELECT unnest(string_split(email, '')) FROM shop.customers

SELECT typeof(email), typeof(id), typeof(secret), typeof(joined) FROM shop.customers

SELECT bit_length(email), octet_length(encode(email)), strlen(email) FROM shop.customers

SELECT id FROM shop.customers WHERE id = left(sha256('1'), 16)

SELECT id FROM shop.customers WHERE id = left(sha256(concat('', '1')), 16)

SELECT a.balance FROM bank.accounts a JOIN shop.customers c ON c.id = left(sha256(concat('x', a.customer_id)), 16)

SELECT name FROM shop.customers WHERE name IN ('Anamecanary', 'Browcanary Finch', 'A***')

SELECT name FROM shop.customers ORDER BY name DESC LIMIT 1

SELECT * FROM shop.customers WHERE (name, email) = ('Browcanary Finch', 'amailcanary3@example.com')

SELECT customers.email.x FROM shop.customers

SELECT (SELECT max(email) FROM shop.customers x WHERE x.email > c.email) FROM shop.customers c

SELECT x FROM shop.customers c, LATERAL (SELECT c.email || c.name AS x)

SELECT * REPLACE (lower(email) AS email) FROM shop.customers

SELECT COLUMNS('e.*')[3:] FROM shop.customers

SELECT arg_max(email, id), arg_min(name, email), max_by(name, secret) FROM shop.customers WHERE true

SELECT any_value(email) FILTER (WHERE email LIKE '%canary%') FROM shop.customers

SELECT histogram(email), approx_top_k(email, 3), quantile_disc(email, 0.5) FROM shop.customers

SELECT email FROM shop.customers QUALIFY email <> max(email) OVER ()

SELECT 1 FROM shop.customers HAVING max(email) LIKE 'am%'

SELECT iban, left(iban, 3), length(iban) FROM bank.accounts

SELECT iban FROM bank.accounts WHERE iban LIKE 'iban%'

SELECT enum_range(CAST(email AS ENUM('a***@example.com', 'amailcanary@example.com'))) FROM shop.customers

SELECT email::ENUM('amailcanary@example.com') FROM shop.customers

SELECT email COLLATE NOCASE = 'AMAILCANARY@EXAMPLE.COM' FROM shop.customers

SELECT email SIMILAR TO 'am.*', email ~ '^am', email ^@ 'am', email GLOB 'am*' FROM shop.customers
