SELECT * FROM read_text('{home}/mask.salt')

SELECT * FROM read_text('{home}/policy.yaml')

SELECT * FROM read_blob('{home}/lake/system/journal.sqlite')

SELECT * FROM read_parquet('{home}/lake/shop/customers/*.parquet')

SELECT * FROM parquet_metadata('{home}/files/visits.parquet')

SELECT * FROM parquet_schema('{home}/files/visits.parquet')

SELECT * FROM parquet_kv_metadata('{home}/files/visits.parquet')

SELECT * FROM delta_scan('{home}/lake/shop/customers')

SELECT * FROM delta_list_files('{home}/lake/shop/customers')

SELECT * FROM sqlite_scan('{home}/music/music.sqlite', 'tracks')

SELECT * FROM sqlite_query('~music', 'SELECT * FROM tracks')

SELECT * FROM postgres_query('~bank', 'SELECT * FROM accounts')

SELECT * FROM postgres_scan_pushdown('', 'public', 'accounts')

SELECT * FROM mysql_query('~x', 'SELECT 1')

SELECT * FROM iceberg_scan('{home}/lake')

SELECT * FROM read_duckdb('{home}/x.duckdb')

SELECT * FROM glob('{home}/**')

SELECT * FROM query('FROM bank.accounts')

SELECT * FROM query_table('duckdb_views')

SELECT * FROM query_table(['shop.customers'])

SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))

SELECT * FROM json_each('{"a": 1}')

SELECT * FROM seq_scan('shop.customers')

SELECT * FROM arrow_scan(1, 2, 3)

SELECT * FROM pandas_scan(1)

SELECT * FROM python_map_function(1)

SELECT * FROM histogram('shop.customers', 'secret')

SELECT * FROM histogram_values('shop.customers', 'secret')

SELECT * FROM summary((FROM shop.customers))

SELECT * FROM test_all_types()

SELECT * FROM repeat('x', 3)

SELECT * FROM repeat_row(1, 2, num_rows = 3)

SELECT * FROM which_secret('s3://x', 's3')

SELECT * FROM storage_info('shop.customers')

SELECT * FROM table_info('shop.customers')

SELECT * FROM pragma_storage_info('shop.customers')

SELECT * FROM duckdb_external_file_cache()

SELECT * FROM duckdb_temporary_files()

SELECT * FROM duckdb_logs_parsed('QueryLog')

SELECT * FROM duckdb_prepared_statements()

SELECT * FROM main.duckdb_settings()

SELECT * FROM system.pg_catalog.pg_timezone_names()

SELECT * FROM shop.range(3)

SELECT * FROM "~bank".range(3)

SELECT * FROM RANGE(3), DUCKDB_SETTINGS()

SELECT * FROM LATERAL read_text('/etc/passwd')

SELECT * FROM ROWS FROM (read_text('/etc/passwd'))

SELECT * FROM shop.customers c, LATERAL read_text(c.name)

SELECT * FROM unnest(getenv('HOME'))

SELECT current_user, session_user, user, current_role

SELECT current_catalog, current_schema, current_database()

SELECT current_setting('temp_directory')

SELECT getenv('PATH')

SELECT getvariable('x')

SELECT system.main.getenv('HOME')

SELECT main.getenv('HOME')

SELECT "main"."length"('x'), "system"."main"."getenv"('HOME')

SELECT 'HOME'.getenv()

SELECT name.getenv() FROM shop.customers

SELECT list_transform(['HOME'], getenv)

SELECT list_apply(['HOME'], lambda x: x.getenv())

SELECT list_aggregate(['HOME'], 'getenv')

SELECT list_aggr([1], 'nosuch')

SELECT apply(['HOME'], x -> getenv(x))

SELECT list_reduce(['HOME', 'PATH'], lambda a, b: getenv(b))

SELECT array_filter(['HOME'], lambda x: getenv(x) IS NOT NULL)

SELECT getenv('HOME') OVER ()

SELECT sum(1) FILTER (WHERE getenv('HOME') <> '')

SELECT sum(1 ORDER BY getenv('HOME'))

SELECT try(getenv('HOME'))

SELECT COLUMNS(c -> getenv(c) IS NULL) FROM shop.customers

SELECT CASE WHEN false THEN getenv('HOME') END

SELECT 1 LIMIT length(getenv('HOME'))

SELECT INTERVAL (length(getenv('HOME'))) DAY

SELECT error('x')

SELECT CASE WHEN id = 1 THEN error(name) END FROM shop.customers

SELECT nextval('s'), currval('s')

SELECT setseed(0.5), random() > 2

SELECT sleep_ms(1)

SELECT pg_sleep(1)

SELECT write_log('x')

SELECT write_blob('{home}/x', 'x'::BLOB)

SELECT txid_current(), current_transaction_id(), current_connection_id(), current_query_id()

SELECT current_query()

SELECT json_serialize_plan('SELECT 1')

SELECT json_deserialize_sql(json_serialize_sql('SELECT 1'))

SELECT json_transform('{"a": 1}', '{"a": "INTEGER"}')

SELECT stats(name), vector_type(name) FROM shop.customers

SELECT can_cast_implicitly(1, 'x'), cast_to_type(1, 'x')

SELECT get_delta_test_expression()

SELECT in_search_path('memory', 'main')

SELECT pg_get_viewdef('"~"."shop.customers@0"'::regclass)

SELECT pg_get_viewdef(1), pg_get_constraintdef(1), pg_get_expr('x', 1)

SELECT has_table_privilege('bank.accounts', 'select')

SELECT obj_description(1, 'x'), col_description(1, 1)

SELECT pg_read_file('/etc/passwd')

SELECT pg_read_binary_file('/etc/passwd')

SELECT pg_ls_dir('/')

SELECT pg_stat_file('/etc/passwd')

SELECT lo_import('/etc/passwd')

SELECT lo_get(1)

SELECT dblink('host=x', 'SELECT 1')

SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a INT)

SELECT query_to_xml('SELECT * FROM accounts', true, true, '')

SELECT database_to_xml(true, true, '')

SELECT xmlparse(DOCUMENT '<x/>')

SELECT pg_terminate_backend(1)

SELECT pg_reload_conf()

SELECT set_config('x', 'y', false)

SELECT inet_server_addr(), inet_client_addr(), version()

SELECT 'bank.accounts'::regclass

SELECT 'accounts'::regclass::oid

SELECT current_setting('is_superuser')

SELECT load_file('/etc/passwd')

SELECT load_extension('/tmp/x.so')

SELECT sqlite_version(), readfile('/etc/passwd'), writefile('x', 'y')

SELECT sys_exec('id'), xp_cmdshell('id')

SELECT java_method('x', 'y'), reflect('x', 'y')

SELECT utl_http.request('http://x')

SELECT __internal_decompress_string('x')

SELECT create_sort_key('x', 'ASC')

SELECT finalize(1), combine(1, 2)

SELECT icu_sort_key('a', 'de')

SELECT md5_number_lower('x'), md5_number('x')

SELECT regexp_split_to_table('a b', ' ')

SELECT postgres_hstore_get('x', 'y')

SELECT gETeNV('HOME')

SELECT "GETENV"('HOME')

SELECT "getenv"/**/('HOME')

SELECT ｇｅｔｅｎｖ('HOME')

SELECT getenv​('HOME')

SELECT length(getenv)('HOME')

SELECT OPERATOR(getenv) 'HOME'

SELECT 1 OPERATOR(pg_catalog.+) 2

SELECT {fn getenv('HOME')}

SELECT EXTRACT(getenv FROM now())

SELECT getenv(secret) FROM shop.customers
