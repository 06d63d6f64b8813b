FROM {t} SELECT count(*) WHERE {d} >= '2024-01-20' AND {d} < '2024-02-10' -- -
FROM {t} SELECT count(*) WHERE {d} = '2024-01-20' OR {d} IN ('2024-01-21', '2024-01-22') OR {d} IS NULL -- -
FROM {t} SELECT count(*), count({d}), count(DISTINCT {d}), min({d}), max({d}) WHERE {d} BETWEEN '2024-01-05' AND '2024-02-20' -- - - - d d
FROM {t} SELECT {k}, {d}, {e} WHERE {d} < {e} ORDER BY {k} -- k d e
FROM {t} SELECT count(*) WHERE {d} = {d} AND {e} != {d} -- -
FROM {t} SELECT {d} WHERE {d} IS NOT NULL ORDER BY {d} DESC, {k} LIMIT 3 -- d
FROM {t} SELECT DISTINCT {d}, {f} ORDER BY {d}, {f} -- d f
FROM {t} SELECT date_trunc('month', {d}), count(*), sum({x}) GROUP BY ALL ORDER BY 1 -- - - -
FROM {t} SELECT year({d}), month({d}), dayname({d}), count(*) GROUP BY ALL ORDER BY ALL -- - - - -
FROM {t} SELECT avg(date_diff('day', {d}, {e})), sum({x} - {y}) WHERE date_diff('day', {d}, {e}) > 7 -- - -
FROM {t} SELECT count(*) WHERE {f} -- -
FROM {t} SELECT count(*) WHERE NOT {f} AND {x} > 3 -- -
FROM {t} SELECT count(*) WHERE {f} = false OR {g} = true OR {f} IS NULL -- -
FROM {t} SELECT count(*) FILTER (WHERE {f}) - count(*) FILTER (WHERE NOT {f}), 100.0 * count(*) FILTER (WHERE {f}) / count(*) -- - -
FROM {t} SELECT {f}, count(*) GROUP BY ALL ORDER BY count(*) DESC, {f} -- f -
FROM {t} SELECT count(*) WHERE {f} = {g} OR {f} IS NOT TRUE -- -
FROM {t} SELECT {s}, {x} QUALIFY rank() OVER (ORDER BY {x} DESC) = 1 ORDER BY {x}, {s} -- s x
FROM {t} SELECT {s}, {k}, {d} QUALIFY row_number() OVER (PARTITION BY {s} ORDER BY {d} DESC, {k}) <= 2 ORDER BY {k} -- s k d
FROM {t} SELECT {s}, count(*) GROUP BY ALL HAVING count(*) > 2 ORDER BY {s} -- s -
FROM {t} SELECT {s}, count(*) AS rows_of_it GROUP BY ALL HAVING rows_of_it > 2 ORDER BY rows_of_it, {s} -- s -
FROM (FROM {t} SELECT {s}, count(*) AS how_many GROUP BY ALL) SELECT avg(how_many), max(how_many) -- - -
FROM (FROM {t} SELECT {s} GROUP BY ALL HAVING count(*) = 3) SELECT count(*) -- -
FROM (FROM {t} SELECT {s}, {d}, {f}, {x}) AS inner_query SELECT {s}, {d}, inner_query.{f}, sum({x}) GROUP BY ALL ORDER BY ALL -- s d f -
FROM {t} SELECT date_trunc('month', {d}) AS period, sum(sum({x})) OVER (ORDER BY date_trunc('month', {d})) GROUP BY period ORDER BY period -- - -
FROM {t} SELECT {s} WHERE {s} ILIKE '%e%' ORDER BY {s} -- s
FROM {t} SELECT {k} WHERE {s} = 'it''s' OR {s} IN ('red', '') ORDER BY {k} -- k
FROM {t} SELECT * ORDER BY {k} LIMIT 4 -- *
FROM {u} SELECT count(*) WHERE {uk} NOT IN (FROM {t} SELECT {l} WHERE {l} IS NOT NULL) -- -
FROM {u} SELECT {uk} WHERE {uk} IN (FROM {t} SELECT {l} WHERE {d} > '2024-01-15' AND NOT {f}) ORDER BY {uk} -- uk
FROM {u} SELECT {ud} WHERE {ud} IN (FROM {t} SELECT {d}) ORDER BY {ud} -- ud
FROM {u} AS a SELECT a.{uk} WHERE EXISTS (FROM {t} AS b SELECT 1 WHERE b.{l} = a.{uk} AND b.{d} < a.{ud}) ORDER BY 1 -- uk
FROM {u} AS a SELECT {uk} WHERE (FROM {t} AS b SELECT max(b.{d}) WHERE b.{l} = a.{uk}) > '2024-02-01' ORDER BY 1 -- uk
FROM {t} JOIN {u} ON {tn}.{l} = {un}.{uk} SELECT {un}.{us}, count(*) WHERE {tn}.{f} GROUP BY {un}.{us} ORDER BY 1 -- us -
FROM {t} JOIN {u} ON {tn}.{l} = {un}.{uk} SELECT {un}.{ud}, {tn}.{d} WHERE {tn}.{d} >= '2024-01-20' ORDER BY ALL -- ud d
FROM {u} JOIN {u} AS other ON {un}.{ul} = other.{uk} SELECT {un}.{uk} WHERE {un}.{ux} > other.{ux} AND other.{ud} < {un}.{ud} ORDER BY 1 -- uk
FROM {t} JOIN {u} AS sender ON {tn}.{l} = sender.{uk} SELECT sender.{us}, max({tn}.{d}) GROUP BY ALL ORDER BY ALL -- us d
WITH w AS (FROM {t} SELECT {s}, {d}, {f}) FROM w SELECT {s}, max({d}) WHERE {f} GROUP BY ALL ORDER BY ALL -- s d
FROM {t} SELECT {d} WHERE {f} UNION FROM {t} SELECT {e} WHERE NOT {f} ORDER BY 1 -- d=e
FROM {t} SELECT sum({x}) / sum({y}), sum({x}) / 100.0, CASE WHEN {f} THEN 1 ELSE 0 END GROUP BY ALL ORDER BY ALL -- - - -
SELECT {tn}.{s}, {tn}.{d} AS {e}x FROM {t} WHERE {tn}.{d} > DATE '2024-01-20' ORDER BY {e}x, {tn}.{s} -- s d
FROM {t} SELECT DISTINCT {d}, {s} ORDER BY 2 DESC, 1 -- d s
FROM {t} SELECT {f}, {d}, max({e}) GROUP BY {f}, {d} HAVING {d} > '2024-01-09' ORDER BY {d} DESC, {f} -- f d e
FROM {t} SELECT {s}, min({d}) AS first_of, max({s}) AS m GROUP BY {s} HAVING first_of < '2024-03-01' ORDER BY first_of DESC, m -- s d s
FROM {t} SELECT {s}, max({d}) - min({d}) IS NULL, count(*) FILTER (WHERE {d} < {e}) GROUP BY {s} ORDER BY 1 DESC -- s - -
FROM (FROM {t} SELECT {d} AS q, {f} AS r, {k} AS key_of) SELECT q, r, year(q) WHERE NOT r AND q < '2024-02-20' ORDER BY q DESC, key_of -- d f -
FROM (FROM (FROM {t} SELECT {s}, {d}) SELECT *) SELECT {s}, max({d}), count(*) GROUP BY ALL ORDER BY {s} DESC -- s d -
FROM (FROM {t} SELECT {d}, {k}) AS q(a, b) SELECT a, date_trunc('month', a) ORDER BY b -- d -
WITH w AS (FROM {t} SELECT {s} AS c, min({d}) AS x, max({e}) AS y GROUP BY ALL), v AS (FROM w SELECT c, x WHERE x < y) FROM v SELECT x, c ORDER BY x, c -- d s
FROM {t} SELECT {d}, count(*) GROUP BY {d} ORDER BY count(*), {d} DESC -- d -
FROM {t} SELECT {s}, count(*) AS n GROUP BY {s} QUALIFY rank() OVER (ORDER BY {s} DESC) <= 2 ORDER BY {s} -- s -
FROM {t} SELECT {k}, (FROM {u} SELECT max({ud})), {d} ORDER BY {k} LIMIT 2 -- k ud d
FROM {t} SELECT {k}, {d} WHERE {d} = (FROM {t} SELECT max({d})) ORDER BY {k} -- k d
FROM {t} SELECT {k} WHERE {d} IN (FROM {t} SELECT {e}) OR {s} IN (FROM {u} SELECT {us}) ORDER BY {k} -- k
FROM {t} SELECT {k}, {f} AND {g}, {f} = {g}, NOT {f} ORDER BY {f}, {k} -- k - - -
FROM {t} SELECT {d} AS {s}, {s} AS {d} ORDER BY {k} -- d s
FROM (FROM {t} SELECT {f}, {s} UNION ALL FROM {t} SELECT {f}, {s} WHERE {f} EXCEPT FROM {t} SELECT {f}, {s} WHERE NOT {f}) SELECT {f}, {s} ORDER BY {f}, {s} -- f s
FROM {t} SELECT {d}, {f}, count(*) GROUP BY ROLLUP ({d}, {f}) HAVING {d} IS NOT NULL ORDER BY {d}, {f}, 3 -- d f -
FROM {t} SELECT max({f}), min({f}), max({s}), min({s}) FILTER (WHERE {f}) -- f f s s
FROM {t} SELECT {k}, first_value({s}) OVER (PARTITION BY {f} ORDER BY {d}, {k}), max({d}) OVER (PARTITION BY {s}) ORDER BY {k} -- k s d
