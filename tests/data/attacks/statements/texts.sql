SELECT id FROM shop.customers -- /*
 WHERE name = '*/ FROM bank.accounts --'

SELECT id -- /*
, secret FROM shop.customers WHERE name <> '*/ FROM shop.customers --'

SELECT /* /* */ secret FROM shop.customers -- */

SELECT id /* /* nested */ , secret */ FROM shop.customers

SELECT id /* -- */ , secret /* */ FROM shop.customers

SELECT id FROM shop.customers /* */ UNION /* */ ALL /* */ SELECT id FROM /* */ bank /* */ . /* */ accounts

SELECT/**/iban/**/FROM/**/bank.accounts

SELECT id FROM shop.customers --
; SELECT secret FROM shop.customers

SELECT /*+ use(bank.accounts) */ id FROM shop.customers

SELECT /*! secret, */ id FROM shop.customers

SELECT id FROM shop.customers # , secret

SELECT id FROM shop.customers {# comment #}

SELECT $$ ' || secret || ' $$ FROM shop.customers

SELECT $tag$ $$ ' $tag$, secret FROM shop.customers

SELECT $a$'$a$ || secret || $a$'$a$ FROM shop.customers

SELECT $$x$$ FROM bank.accounts

SELECT E'\' || secret || \'' FROM shop.customers

SELECT e'\\' || secret || e'\\' FROM shop.customers

SELECT 'a\' || secret || \'b' FROM shop.customers

SELECT E'\x27' || secret FROM shop.customers

SELECT N'x', secret FROM shop.customers

SELECT r'\', secret FROM shop.customers --'

SELECT b'1', x'27', secret FROM shop.customers

SELECT U&'\0027' || name FROM shop.customers

SELECT U&"s\0065cret" FROM shop.customers

SELECT "s\u0065cret" FROM shop.customers

SELECT 'a' 'b' FROM bank.accounts

SELECT 'it''s', secret FROM shop.customers

SELECT "sec""ret" FROM shop.customers

SELECT ""secret"" FROM shop.customers

SELECT `secret` FROM shop.customers

SELECT [secret] FROM shop.customers

SELECT "secret
" FROM shop.customers

SELECT ｓｅｃｒｅｔ FROM shop.customers

SELECT ѕесrеt FROM shop.customers

SELECT ſecret FROM shop.customers

SELECT "ſecret" FROM shop.customers

SELECT sec​ret FROM shop.customers

SELECT "‮terces" FROM shop.customers

SELECT * FROM bаnk.accounts

SELECT * FROM banK.accounts

SELECT * FROM "BANK".public.accounts

SELECT * FROM shop。customers

SELECT * FROM shop．orders

SELECT＊FROM bank.accounts

SELECT id FROM shop.customers； SELECT 1

SELECT id FROM shop.customers WHERE name = ＇x＇ OR secret

SELECT ‘secret’ FROM shop.customers

SELECT iban FROM bank . accounts

SELECT iban FROM bank.⁣accounts

SELECT id::"secret" FROM shop.customers

SELECT CAST(1 AS "BIGINT), (SELECT max(iban) FROM bank.accounts), CAST(1 AS INT")

SELECT 1::"bigint), secret, cast(1 AS int" FROM shop.customers

SELECT 1::"oid), (SELECT max(iban) FROM bank.accounts), CAST(1 AS INT"

SELECT 1::"oid), getenv('HOME'), CAST(1 AS INT"

SELECT 1::"oid) FROM bank.accounts --"

SELECT 1::"oid); SELECT (1" FROM shop.customers

SELECT 1::"oid), (SELECT max(secret) FROM ""~"".""shop.customers@0""), CAST(1 AS INT"

SELECT 1::"oid), rowid, CAST(1 AS INT" FROM shop.customers

SELECT 1::"~bank".public.accounts

SELECT NULL::"~bank.public.mood"

SELECT NULL::"main.accounts"

SELECT TRY_CAST(name AS "varint) , secret, CAST(1 AS int") FROM shop.customers

SELECT CAST(name AS DECIMAL("1), secret, CAST(1 AS DECIMAL(1")) FROM shop.customers

SELECT name::STRUCT("a INT), secret, CAST(1 AS STRUCT(b" INT) FROM shop.customers

SELECT NULL::ENUM('a'')), secret, (''') FROM shop.customers

SELECT extract("year FROM now()), (SELECT max(iban) FROM bank.accounts), extract(year" FROM DATE '2020-01-01')

SELECT extract("year FROM DATE '2020-01-01'), getenv('HOME'), extract(year" FROM DATE '2020-01-01')

SELECT date_part("year', now()), secret, date_part('year", DATE '2020-01-01') FROM shop.customers

SELECT date_trunc("a' || secret || '", DATE '2020-01-01') FROM shop.customers

SELECT date_diff("a' || (SELECT max(iban) FROM bank.accounts) || '", DATE '2020-01-01', DATE '2020-01-01')

SELECT INTERVAL 1 "day, secret" FROM shop.customers

SELECT INTERVAL '1' "day) , (SELECT max(iban) FROM bank.accounts"

SELECT struct_pack("a := 1), secret, struct_pack(b" := 1) FROM shop.customers

SELECT struct_pack("a := 1), secret, struct_pack(b" => 1) FROM shop.customers

SELECT "length(secret), length"(name) FROM shop.customers

SELECT name COLLATE "nocase, secret" FROM shop.customers

SELECT name AS "x, secret" FROM shop.customers

SELECT name AS 'x, secret' FROM shop.customers

SELECT id FROM shop.customers ORDER BY id "DESC, secret"

SELECT count(*) OVER "w) , max(secret) OVER (" FROM shop.customers

SELECT trim("both secret" FROM name) FROM shop.customers

SELECT name AT TIME ZONE "x', secret, '" FROM shop.customers

SELECT * FROM shop.customers TABLESAMPLE "reservoir(1), bank.accounts"

SELECT * FROM shop.customers AS "c, bank.accounts AS d"

SELECT * FROM "shop.customers, bank.accounts"

SELECT * FROM shop."customers"", bank.accounts, """

SELECT {"a': secret, 'b": 1} FROM shop.customers

SELECT {'a'': secret, ''b': 1} FROM shop.customers

SELECT id FROM shop.customers WHERE name = '' OR '1' = '1' --' AND country = 'CA'

SELECT id FROM shop.customers WHERE name = '\' OR secret = \''

SELECT $lakewright_salt FROM shop.customers

SELECT $"lakewright_salt" FROM shop.customers

SELECT :lakewright_salt FROM shop.customers

SELECT @lakewright_salt FROM shop.customers

SELECT {{ lakewright_salt }} FROM shop.customers

SELECT ?lakewright_salt FROM shop.customers

SELECT $1, $2

SELECT ?, ?1

SELECT 0x10, 1_0, .5., secret FROM shop.customers

SELECT extract("year FROM DATE '2020-01-01'), $lakewright_salt, extract(year" FROM DATE '2020-01-01'), email FROM shop.customers

SELECT extract("year FROM now()), (SELECT list(path) FROM duckdb_databases), extract(year" FROM DATE '2020-01-01') FROM (WITH duckdb_databases AS (SELECT 1) SELECT 1)

SELECT 1::"oid), $lakewright_salt, CAST(1 AS INT", email FROM shop.customers

SELECT 1::"varint), $lakewright_salt, CAST(1 AS INT", id FROM shop.customers

SELECT 1::"oid), (SELECT list(secret) FROM '{home}/lake/shop/customers/*.parquet'), CAST(1 AS INT" FROM (WITH "{home}/lake/shop/customers/*.parquet" AS (SELECT 1) SELECT 1)

SELECT 1::"oid), (SELECT list(column_name) FROM duckdb_columns), CAST(1 AS INT" FROM (WITH duckdb_columns AS (SELECT 1) SELECT 1)
