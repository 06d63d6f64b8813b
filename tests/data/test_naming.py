"""Names in words, and what short words stand for."""

from __future__ import annotations

import pytest

from data.catalog import Column, Table
from data.naming import Lexicon, cut_from, shortens, single, words
from data.personal import named
from data.units import unit


def _lexicon(**tables: str) -> Lexicon:
    return Lexicon(
        [
            Table("s", name, columns=tuple(Column(column, "BIGINT") for column in columns.split()))
            for name, columns in tables.items()
        ]
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("customer_id", ["customer", "id"]),
        ("customerID", ["customer", "id"]),
        ("PT_NO", ["pt", "no"]),
        ("XMLHttpDate", ["xml", "http", "date"]),
        ("Loan Date", ["loan", "date"]),
        ("iso-code", ["iso", "code"]),
        ("Año_Nac", ["ano", "nac"]),
        ("addr2", ["addr", "2"]),
        ("", []),
    ],
)
def test_words_of_a_name(name: str, found: list[str]) -> None:
    assert words(name) == found


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("amt", "amount"),
        ("qty_ord", "quantity order"),
        ("dob", "date of birth"),
        ("trx_cd", "transaction code"),
        ("custno", "customer number"),
        ("acctbal", "account balance"),
        ("mgrEmpNo", "manager employee number"),
        ("fk_cust", "customer"),
        ("total", "total"),
        ("port", "port"),
    ],
)
def test_short_words_are_written_out(column: str, said: str) -> None:
    assert _lexicon(things=f"{column} other more").said("things", column) == said


@pytest.mark.parametrize(
    ("column", "kind", "said"),
    [
        ("dt_reg", "DATE", "date registered"),
        ("reg_dt", "BIGINT", "registered date"),
        ("reg_cd", "VARCHAR", "region code"),
        ("cls_ts", "TIMESTAMP", "closed time"),
        ("cls_id", "BIGINT", "class id"),
        ("rt_day", "DECIMAL(12,2)", "rate day"),
        ("rt_id", "BIGINT", "route id"),
        ("dsc_pct", "DOUBLE", "discount percent"),
        ("dsc", "VARCHAR", "description"),
        ("amt_agr", "DOUBLE", "amount agreed"),
        ("hr_act", "DOUBLE", "hour actual"),
        ("act", "BOOLEAN", "active"),
        ("bill_mth", "DATE", "bill month"),
        ("plan_start_date", "DATE", "plan start date"),
        ("brn_opn_dt", "DATE", "branch opened date"),
        ("res_addr", "VARCHAR", "reservation address"),
        ("tot_ref_cnt", "BIGINT", "total reference count"),
        ("net_sal", "DOUBLE", "net salary"),
        ("wait_mins", "BIGINT", "wait mins"),
        ("carbon_kg", "DOUBLE", "carbon kg"),
        ("oldest", "BOOLEAN", "oldest"),
        ("price_per_head", "DOUBLE", "price per head"),
        ("time_out", "TIMESTAMP", "time out"),
        ("est_cst", "DOUBLE", "estimated cost"),
        ("cst_nm", "VARCHAR", "customer name"),
        ("dist_cd", "VARCHAR", "district code"),
        ("dist", "DOUBLE", "distance"),
        ("mod_yr", "BIGINT", "model year"),
        ("surf_cd", "VARCHAR", "surface code"),
        ("emrg", "BOOLEAN", "emergency"),
        ("callr_nm", "VARCHAR", "caller name"),
    ],
)
def test_what_a_column_keeps_tells_what_a_word_is_short_for(column: str, kind: str, said: str) -> None:
    table = Table("s", "things", columns=(Column(column, kind), Column("outcome", "VARCHAR"), Column("a", "DATE")))
    assert Lexicon([table]).said("things", column) == said


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("csts", "customers"),
        ("VEHS", "vehicles"),
        ("cats", "cats"),
        ("bil", "bill"),
        ("BUDG", "budget"),
        ("WO", "work order"),
    ],
)
def test_tables_are_called_what_their_rows_are(table: str, said: str) -> None:
    assert _lexicon(**{table: "id"}).said(table) == said


@pytest.mark.parametrize("column", ["sal", "net_sal", "gross_sal", "tot_sal", "sal_amt", "sal_id"])
def test_what_stands_beside_a_salary_makes_it_no_less_personal(column: str) -> None:
    assert named("things", column, _lexicon(things=column))


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("companies", "cmp_id", "company id"),
        ("subjects", "sub_id", "subject id"),
        ("technicians", "tch_id", "technician id"),
        ("accountants", "account_id", "account id"),
        ("productions", "product_id", "product id"),
        ("trains", "trn_no", "train number"),
        ("inventory", "inv_cost", "inventory cost"),
        ("stations", "stat_cd", "status code"),
    ],
)
def test_what_a_source_speaks_of_goes_before_what_words_mostly_mean(table: str, column: str, said: str) -> None:
    things = Table("s", "things", columns=(Column(column, "BIGINT"), Column("a", "DATE"), Column("b", "DATE")))
    assert Lexicon([things, Table("s", table, columns=(Column("id", "BIGINT"),))]).said("things", column) == said


@pytest.mark.parametrize(
    ("table", "columns", "column", "said"),
    [
        ("schools", "school_id sch_name joined", "sch_name", "school name"),
        ("volunteers", "id vol_nm town", "vol_nm", "volunteer name"),
        ("expert", "expert_id exp_hired exp_left exp_dayfee", "exp_hired", "hired"),
        ("calls", "cl_id cl_town cl_talk_sec agent", "cl_talk_sec", "talk seconds"),
        ("orders", "id exp_dt", "exp_dt", "expiry date"),
        ("defects", "id def_typ", "def_typ", "defect type"),
        ("stations", "id stat_cd", "stat_cd", "status code"),
        ("payments", "id pat_id amount", "pat_id", "patient id"),
        ("departures", "id dep_time dep_delay dep_gate arr_time", "dep_time", "departure time"),
    ],
)
def test_a_table_is_cut_off_before_what_tells_which_it_is(table: str, columns: str, column: str, said: str) -> None:
    assert _lexicon(**{table: columns}).said(table, column) == said


def test_the_source_itself_tells_what_a_word_is_short_for() -> None:
    lexicon = _lexicon(exhibitions="exhib_no title", portfolios="port", work_orders="wo_no", prov="province")
    assert lexicon.said("exhibitions", "exhib_no") == "exhibition number"
    assert lexicon.said("portfolios", "port") == "port"
    assert lexicon.said("work_orders", "wo_no") == "work order number"
    assert lexicon.meanings("prov") == ("province",)
    assert _lexicon(prov="id").meanings("prov") == ("provider", "province")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("tbl_orders", "orders"),
        ("dim_depot", "depot"),
        ("fct_trip_line", "trip line"),
        ("lkp_sts", "status"),
        ("sales.dim_cust", "customer"),
        ("ORDER_HDR", "order header"),
        ("BookTitle", "book title"),
        ("t", "t"),
    ],
)
def test_tables_are_called_without_the_layer_they_are_of(table: str, said: str) -> None:
    assert _lexicon(**{table: "id"}).said(table) == said


def test_a_prefix_that_all_share_is_not_said() -> None:
    lexicon = _lexicon(hx_ward="x_bed x_floor x_name", hx_stay="a b", hx_drug="c d")
    assert (lexicon.said("hx_ward"), lexicon.said("hx_ward", "x_bed")) == ("ward", "bed")


@pytest.mark.parametrize(
    ("word", "one"),
    [("cities", "city"), ("boxes", "box"), ("species", "species"), ("status", "status"), ("gas", "gas")],
)
def test_plurals(word: str, one: str) -> None:
    assert single(word) == one


@pytest.mark.parametrize(
    ("short", "long", "fits"),
    [
        ("stf", "staff", True),
        ("dest", "destination", True),
        ("dpt", "department", True),
        ("port", "portfolio", False),
        ("no", "notation", False),
        ("cat", "contract", False),
        ("order", "orders", False),
    ],
)
def test_what_shortens_a_word(short: str, long: str, fits: bool) -> None:
    assert shortens(short, long) == fits


@pytest.mark.parametrize(
    ("short", "longer"),
    [
        ("emrg", ("emergency",)),
        ("frmn", ("foreman",)),
        ("hdct", ("headcount",)),
        ("approv", ("approval",)),
        ("color", ()),
        ("plan", ()),
        ("brix", ()),
        ("gps", ()),
    ],
)
def test_a_word_that_nobody_lists_is_looked_up_among_longer_ones(short: str, longer: tuple[str, ...]) -> None:
    assert cut_from(short) == longer


@pytest.mark.parametrize(
    ("column", "kind", "measured"),
    [
        ("amt_c", "BIGINT", "cents"),
        ("amt_c", "DOUBLE", None),
        ("price_cents", "INTEGER", "cents"),
        ("temp_c", "DOUBLE", "°C"),
        ("use_kwh", "DOUBLE", "kWh"),
        ("useKWh", "DOUBLE", "kWh"),
        ("wait_min", "INTEGER", "min"),
        ("temp_min", "DOUBLE", None),
        ("load_pct", "DOUBLE", "%"),
        ("cap_t", "DOUBLE", "t"),
        ("plan_t", "DOUBLE", None),
        ("area_m2", "DOUBLE", "m2"),
        ("note_km", "VARCHAR", None),
        ("km", "DOUBLE", None),
        ("len_mi", "DOUBLE", "mi"),
        ("capacity_gal", "INTEGER", "gal"),
        ("gap_in", "DOUBLE", "in"),
        ("checked_in", "INTEGER", None),
        ("hours_pln", "DOUBLE", None),
        ("price_pln", "DOUBLE", "PLN"),
        ("dist_nm", "INTEGER", "nmi"),
        ("size_nm", "INTEGER", None),
        ("duty_min", "INTEGER", "min"),
        ("fuel_ltr", "INTEGER", "l"),
    ],
)
def test_units_stand_at_the_end_of_a_name(column: str, kind: str, measured: str | None) -> None:
    lexicon = _lexicon(things=f"{column} other more")
    parts = lexicon.stem("things", column)
    assert unit(Column(column, kind), parts, lexicon.written_out(parts)) == measured


@pytest.mark.parametrize(
    ("tables", "table", "column", "said"),
    [
        ({"flt": "flt_id pax_brd", "apt": "apt_cd rwy_len_m"}, "apt", None, "airport"),
        ({"vans": "reg_no payload_kg", "trips": "driver_id van_reg"}, "vans", "reg_no", "registration number"),
        ({"flt": "flt_id pax_brd", "apt": "apt_cd rwy_len_m"}, "flt", "pax_brd", "passengers boarded"),
        ({"unit": "apt rent", "lease": "tenant rent"}, "unit", "apt", "apartment"),
        ({"visit": "visit_id apt_dt"}, "visit", "apt_dt", "appointment date"),
        ({"patient": "pt_id dx"}, "patient", "dx", "diagnosis"),
        ({"flights": "flight_id apt_dt"}, "flights", "apt_dt", "appointment date"),
    ],
)
def test_the_trade_of_a_source_tells_what_a_word_is_short_for(
    tables: dict[str, str], table: str, column: str | None, said: str
) -> None:
    assert _lexicon(**tables).said(table, column) == said


def test_a_word_for_a_time_in_a_trade_is_another_anywhere_else() -> None:
    columns = (Column("sta", "TIMESTAMP"), Column("sta_cd", "VARCHAR"), Column("pax_brd", "BIGINT"))
    lexicon = Lexicon([Table("s", "flt", columns=columns)])
    assert [lexicon.said("flt", name) for name in ("sta", "sta_cd")] == ["scheduled arrival", "station code"]
