SELECT list_transform([title], lambda t: CASE WHEN t LIKE 't%' THEN regexp_matches('x', t || '(') END) FROM music.tracks

SELECT list_transform([iban], lambda t: CASE WHEN t LIKE 'i%' THEN regexp_matches('x', t || '(') END) FROM bank.accounts

SELECT list_transform([id], lambda i: CASE WHEN i = 2 THEN CAST('x' AS INT) END) FROM bank.accounts

SELECT list_transform([id], lambda i: CASE WHEN i = 2 THEN CAST('x' AS INT) END) FROM music.tracks

SELECT list_transform([email], lambda e: CASE WHEN e LIKE 'amail%' THEN regexp_matches('x', e || '(') END) FROM shop.customers

SELECT list_transform([secret], lambda e: regexp_matches('x', e || '(')) FROM shop.customers

SELECT list_transform([amount], lambda a: CASE WHEN a > 100 THEN regexp_matches('x', a || '(') END) FROM shop.orders

SELECT list_transform(list(name), lambda n: CASE WHEN n LIKE 'B%' THEN regexp_matches('x', n || '(') END) FROM shop.customers WHERE country = 'US'

SELECT regexp_matches('x', name || '(') FROM shop.customers WHERE name LIKE 'B%'

SELECT CASE WHEN name LIKE 'B%' THEN regexp_matches('x', name || '(') END FROM shop.customers

SELECT CASE WHEN name LIKE 'B%' THEN strptime(name, '%Y') END FROM shop.customers

SELECT mismatches(left(name, 1), '##') FROM shop.customers WHERE country = 'US'

SELECT map_extract(MAP {name: 1}, 'Browcanary Finch') FROM shop.customers

SELECT list_sort([name]), list_distinct([name]), list_contains([name], 'Browcanary Finch') FROM shop.customers

SELECT flatten([[name]]), list_concat([name], [name]), list_zip([name], [id]), unnest([name]) FROM shop.customers

SELECT json_object(name, 1), to_json([name]), json_valid(name), json_array_length(to_json([name])) FROM shop.customers

SELECT list_transform([name], lambda n: CASE WHEN n LIKE 'B%' THEN regexp_matches('x', n || '(') END) FROM shop.customers

SELECT list_transform([[name]], lambda n: CASE WHEN n[1] LIKE 'B%' THEN strptime(n[1], '%Y') END) FROM shop.customers

SELECT list_transform(string_split(name, ' '), lambda n: CASE WHEN n LIKE 'B%' THEN strptime(n, '%Y') END) FROM shop.customers

SELECT list_transform([page], lambda p: CASE WHEN p LIKE 'p%' THEN regexp_matches('x', p || '(') END) FROM files.visits

SELECT [CASE WHEN i = 2 THEN CAST('x' AS INT) END FOR i IN [id]] FROM shop.customers

SELECT hamming(regexp_replace(regexp_replace(name, '^Bo?r.*', '#'), '^[^#].*', '##'), '##') FROM shop.customers

SELECT count(*) FROM shop.customers WHERE hamming(regexp_replace(regexp_replace(name, '^Brow.*', '#'), '^[^#].*', '##'), '##') >= 0

SELECT mismatches(regexp_replace(regexp_replace(name, '^Br.*', '#'), '^[^#].*', '##'), '##') FROM shop.customers

SELECT (SELECT count(*) FROM shop.orders)

SELECT id, (SELECT max(name) FROM shop.customers) FROM shop.customers

SELECT NULL::accountz
