"""A plant nursery with garden centres: plain snake_case, few declared keys, decimals, walk-ins without a customer."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.strangers.days import day
from tests.strangers.people import people
from tests.strangers.store import Rows, Stranger

DDL = """
CREATE TABLE sites (id INTEGER PRIMARY KEY, name TEXT, site_type TEXT, town TEXT, opened_on DATE, area_sqm INTEGER,
    manager_id INTEGER);
CREATE TABLE staff (id INTEGER PRIMARY KEY, full_name TEXT, job_title TEXT, site_id INTEGER, dob DATE, started_on DATE,
    left_on DATE, hourly_rate DECIMAL(6, 2));
CREATE TABLE suppliers (id INTEGER PRIMARY KEY, name TEXT, country TEXT, est_lead_days INTEGER,
    min_order_amt DECIMAL(8, 2), phone TEXT);
CREATE TABLE plants (id INTEGER PRIMARY KEY, common_name TEXT, botanical_name TEXT, plant_type TEXT,
    is_evergreen INTEGER, hardiness TEXT, est_height_cm INTEGER, flower_colour TEXT, position TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, sku TEXT, product_name TEXT, department TEXT,
    plant_id INTEGER REFERENCES plants (id), pot_litres REAL, supplier_id INTEGER, cost_price DECIMAL(8, 2),
    trade_price DECIMAL(8, 2), retail_price DECIMAL(8, 2), discontinued_on DATE);
CREATE TABLE stock (product_id INTEGER REFERENCES products (id), site_id INTEGER, qty_on_hand INTEGER,
    reorder_level INTEGER, last_counted_on DATE, PRIMARY KEY (product_id, site_id));
CREATE TABLE batches (batch_no INTEGER PRIMARY KEY, plant_id INTEGER, site_id INTEGER, grower_id INTEGER, method TEXT,
    started_on DATE, qty_started INTEGER, qty_lost INTEGER, est_ready_on DATE, ready_on DATE);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, customer_type TEXT, contact_name TEXT, phone TEXT, town TEXT,
    account_opened_on DATE, discount_pct REAL, credit_limit_amt DECIMAL(10, 2));
CREATE TABLE sales (sale_no INTEGER PRIMARY KEY, site_id INTEGER, sold_on DATE, channel TEXT, customer_id INTEGER,
    served_by INTEGER, payment_method TEXT, total_amt DECIMAL(10, 2), paid_on DATE);
CREATE TABLE sale_lines (sale_no INTEGER REFERENCES sales (sale_no), line_no INTEGER, product_id INTEGER, qty INTEGER,
    unit_price DECIMAL(8, 2), line_amt DECIMAL(10, 2), PRIMARY KEY (sale_no, line_no));
CREATE TABLE vans (reg_no TEXT PRIMARY KEY, make_model TEXT, payload_kg INTEGER, bought_on DATE, mot_due_on DATE,
    has_tail_lift INTEGER);
CREATE TABLE deliveries (delivery_no INTEGER PRIMARY KEY, sale_no INTEGER, van_reg TEXT, driver_id INTEGER,
    booked_for DATE, delivered_on DATE, status TEXT, distance_km REAL, delivery_fee DECIMAL(6, 2));
"""

SITES = [
    (1, "Larkfield Garden Centre", "garden centre", "Larkfield", "1988-03-12", 9400, 3),
    (2, "Thornby Garden Centre", "garden centre", "Thornby", "2004-02-28", 6100, 11),
    (3, "Quayside Plant Shop", "shop", "Port Ellery", "2016-05-07", 380, 17),
    (4, "Mill Lane Nursery", "growing site", "Mill Lane", "1979-09-01", 24500, 21),
    (5, "Oakhanger Nursery", "growing site", "Oakhanger", "1996-01-15", 31800, 27),
    (6, "Bramley Trade Yard", "trade yard", "Bramley", "2011-10-03", 7200, 33),
    (7, "Station Road Plant Shop", "shop", "Hexley", "2025-03-29", 290, None),
]
SELLING = (1, 2, 3, 6, 7)
VANS = [
    ("KX19 LRF", "Ford Transit", 1150, "2019-04-02", "2025-06-14", 0),
    ("KX19 LRG", "Ford Transit", 1150, "2019-04-02", "2025-08-21", 0),
    ("BN21 THB", "Vauxhall Vivaro", 950, "2021-03-30", "2025-09-30", 0),
    ("EY16 OAK", "Iveco Daily", 2100, "2018-11-19", "2025-05-08", 1),
    ("VO22 YRD", "Mercedes Sprinter", 1400, "2022-07-11", "2025-07-11", 1),
    ("VO24 HXL", "Renault Kangoo", 620, "2024-09-05", None, 0),
]
# common name, botanical name, type, evergreen, flower colour
PLANTS = """
Silver Birch|Betula pendula|tree|0|;Himalayan Birch|Betula utilis|tree|0|;Rowan|Sorbus aucuparia|tree|0|white
Japanese Maple|Acer palmatum|tree|0|;Field Maple|Acer campestre|tree|0|;Flowering Cherry|Prunus serrulata|tree|0|pink
Crab Apple|Malus sylvestris|tree|0|white;Hornbeam|Carpinus betulus|tree|0|;Olive Tree|Olea europaea|tree|1|
Scots Pine|Pinus sylvestris|tree|1|;Magnolia|Magnolia stellata|tree|0|white;Holm Oak|Quercus ilex|tree|1|
Strawberry Tree|Arbutus unedo|tree|1|white;Judas Tree|Cercis siliquastrum|tree|0|pink
Tulip Tree|Liriodendron tulipifera|tree|0|yellow
Portuguese Laurel|Prunus lusitanica|hedging|1|white;Cherry Laurel|Prunus laurocerasus|hedging|1|white
Common Beech|Fagus sylvatica|hedging|0|;Copper Beech|Fagus sylvatica Purpurea|hedging|0|;Yew|Taxus baccata|hedging|1|
Box|Buxus sempervirens|hedging|1|;Privet|Ligustrum ovalifolium|hedging|1|white
Hawthorn|Crataegus monogyna|hedging|0|white
Blackthorn|Prunus spinosa|hedging|0|white;Western Red Cedar|Thuja plicata|hedging|1|;Holly|Ilex aquifolium|hedging|1|
Photinia Red Robin|Photinia x fraseri|hedging|1|white;Griselinia|Griselinia littoralis|hedging|1|
Mophead Hydrangea|Hydrangea macrophylla|shrub|0|blue;Oakleaf Hydrangea|Hydrangea quercifolia|shrub|0|white
Lilac|Syringa vulgaris|shrub|0|purple;Butterfly Bush|Buddleja davidii|shrub|0|purple
Forsythia|Forsythia x intermedia|shrub|0|yellow
Camellia|Camellia japonica|shrub|1|pink;Rhododendron|Rhododendron ponticum|shrub|1|purple
Dwarf Azalea|Rhododendron obtusum|shrub|1|red
Mexican Orange Blossom|Choisya ternata|shrub|1|white;Mock Orange|Philadelphus coronarius|shrub|0|white
Weigela|Weigela florida|shrub|0|pink
Hebe|Hebe speciosa|shrub|1|purple;Pieris|Pieris japonica|shrub|1|white;Skimmia|Skimmia japonica|shrub|1|white
Witch Hazel|Hamamelis mollis|shrub|0|yellow;Red Dogwood|Cornus alba|shrub|0|white;Smoke Bush|Cotinus coggygria|shrub|0|
Spotted Laurel|Aucuba japonica|shrub|1|;Viburnum|Viburnum tinus|shrub|1|white;Daphne|Daphne odora|shrub|1|pink
English Lavender|Lavandula angustifolia|perennial|1|purple;Hardy Geranium|Geranium Rozanne|perennial|0|blue
Catmint|Nepeta faassenii|perennial|0|blue;Coneflower|Echinacea purpurea|perennial|0|pink
Black-eyed Susan|Rudbeckia fulgida|perennial|0|yellow
Plantain Lily|Hosta sieboldiana|perennial|0|white;Foxglove|Digitalis purpurea|perennial|0|purple
Delphinium|Delphinium elatum|perennial|0|blue
Peony|Paeonia lactiflora|perennial|0|pink;Lupin|Lupinus polyphyllus|perennial|0|red
Bearded Iris|Iris germanica|perennial|0|purple
Christmas Rose|Helleborus niger|perennial|1|white;Lenten Rose|Helleborus orientalis|perennial|1|pink
Japanese Anemone|Anemone hupehensis|perennial|0|pink
Red Hot Poker|Kniphofia uvaria|perennial|0|orange;Crocosmia|Crocosmia Lucifer|perennial|0|red
Salvia|Salvia nemorosa|perennial|0|blue
Lady's Mantle|Alchemilla mollis|perennial|0|yellow;Astilbe|Astilbe arendsii|perennial|0|pink
Coral Bells|Heuchera sanguinea|perennial|1|red
Sea Holly|Eryngium planum|perennial|0|blue;Stonecrop|Hylotelephium spectabile|perennial|0|pink
Penstemon|Penstemon Garnet|perennial|1|red
Feather Grass|Stipa tenuissima|grass|0|;Fountain Grass|Pennisetum alopecuroides|grass|0|
Blue Fescue|Festuca glauca|grass|1|
Maiden Grass|Miscanthus sinensis|grass|0|;Pampas Grass|Cortaderia selloana|grass|1|white
Black Bamboo|Phyllostachys nigra|grass|1|
Rose Gertrude Jekyll|Rosa Ausbord|rose|0|pink;Rose Iceberg|Rosa Korbin|rose|0|white
Rose Peace|Rosa Madame Meilland|rose|0|yellow
Rose Munstead Wood|Rosa Ausbernard|rose|0|red;Rose Graham Thomas|Rosa Ausmas|rose|0|yellow
Rose Hot Chocolate|Rosa Wekpaltlez|rose|0|orange
Wisteria|Wisteria sinensis|climber|0|purple;Common Jasmine|Jasminum officinale|climber|0|white
Star Jasmine|Trachelospermum jasminoides|climber|1|white
Clematis Nelly Moser|Clematis Nelly Moser|climber|0|pink;Armand Clematis|Clematis armandii|climber|1|white
Honeysuckle|Lonicera periclymenum|climber|0|yellow
Common Ivy|Hedera helix|climber|1|;Virginia Creeper|Parthenocissus quinquefolia|climber|0|
Passion Flower|Passiflora caerulea|climber|1|blue
Climbing Hydrangea|Hydrangea petiolaris|climber|0|white
Rosemary|Salvia rosmarinus|herb|1|blue;Common Thyme|Thymus vulgaris|herb|1|pink;Sage|Salvia officinalis|herb|1|purple
Garden Mint|Mentha spicata|herb|0|;Sweet Basil|Ocimum basilicum|herb|0|;Flat Parsley|Petroselinum crispum|herb|0|
Chives|Allium schoenoprasum|herb|0|purple
Bramley Apple|Malus domestica Bramley|fruit|0|white;Conference Pear|Pyrus communis Conference|fruit|0|white
Victoria Plum|Prunus domestica|fruit|0|white
Autumn Raspberry|Rubus idaeus|fruit|0|;Blackcurrant|Ribes nigrum|fruit|0|;Blueberry|Vaccinium corymbosum|fruit|0|white
Brown Turkey Fig|Ficus carica|fruit|0|
Garden Strawberry|Fragaria x ananassa|fruit|0|white
Trailing Petunia|Petunia x hybrida|bedding|0|purple;Zonal Geranium|Pelargonium x hortorum|bedding|0|red
Busy Lizzie|Impatiens walleriana|bedding|0|pink
French Marigold|Tagetes patula|bedding|0|orange;Winter Pansy|Viola x wittrockiana|bedding|0|yellow
Primrose|Primula vulgaris|bedding|0|yellow
Trailing Lobelia|Lobelia erinus|bedding|0|blue;Begonia|Begonia semperflorens|bedding|0|red
Snapdragon|Antirrhinum majus|bedding|0|orange
Cyclamen|Cyclamen persicum|bedding|0|pink;Wallflower|Erysimum cheiri|bedding|0|orange
Swiss Cheese Plant|Monstera deliciosa|houseplant|1|;Peace Lily|Spathiphyllum wallisii|houseplant|1|white
Moth Orchid|Phalaenopsis amabilis|houseplant|1|pink
Spider Plant|Chlorophytum comosum|houseplant|1|;Aloe Vera|Aloe vera|houseplant|1|
Poinsettia|Euphorbia pulcherrima|houseplant|0|red
Rubber Plant|Ficus elastica|houseplant|1|;Snake Plant|Dracaena trifasciata|houseplant|1|
"""
# base retail price, pot sizes, height range, hardiness codes
TYPES = {
    "tree": (62, (10, 25, 45), (300, 2000), ("H5", "H6", "H7")),
    "hedging": (11, (2, 5, 10), (150, 500), ("H5", "H6")),
    "shrub": (17, (2, 5, 10), (80, 350), ("H4", "H5", "H6")),
    "perennial": (8, (1, 2, 3), (25, 150), ("H4", "H5", "H7")),
    "grass": (10, (2, 5), (30, 300), ("H4", "H5")), "rose": (22, (4, 6), (90, 200), ("H6",)),
    "climber": (18, (2, 3, 10), (250, 900), ("H3", "H4", "H5")), "herb": (3.5, (0.5, 1), (20, 120), ("H2", "H4", "H5")),
    "fruit": (19, (2, 10, 12), (40, 500), ("H5", "H6")), "bedding": (2.8, (0.5, 1), (15, 45), ("H2", "H3")),
    "houseplant": (13, (0.5, 2, 5), (25, 150), ("H1a", "H1b")),
}  # fmt: skip
SUNDRIES = [
    ("compost and mulch", (
        "Peat-free Compost 50L", "Ericaceous Compost 40L", "John Innes No 3 25L", "Bark Chippings 60L",
        "Topsoil 25L", "Horticultural Grit 20kg", "Farmyard Manure 50L", "Topsoil Bulk Bag"), 4, 14),
    ("pots", (
        "Terracotta Pot 15cm", "Terracotta Pot 30cm", "Glazed Pot Blue 35cm", "Half Barrel Planter",
        "Hanging Basket 14in", "Window Box 60cm", "Lead-effect Trough", "Zinc Planter 40cm", "Seed Tray"), 2, 65),
    ("tools", (
        "Border Spade", "Digging Fork", "Bypass Secateurs", "Hand Trowel", "Loppers", "Hedge Shears", "Leaf Rake",
        "Watering Can 10L", "Hose Reel 30m", "Wheelbarrow 90L", "Dibber", "Kneeler"), 6, 80),
    ("plant care", (
        "Tomato Feed 1L", "Growmore 4kg", "Bone Meal 3kg", "Slug Pellets 800g", "Rooting Powder", "Rose Feed 2kg",
        "Lawn Feed and Weed 7kg", "Tree Stake 1.8m", "Tree Ties Pack", "Garden Twine", "Fleece 10m",
        "Mycorrhizal Fungi 1kg"), 3, 24),
    ("furniture", (
        "Teak Bench 4ft", "Bistro Set", "Four-seat Dining Set", "Parasol 2.7m", "Fire Pit", "Bird Table",
        "Sun Lounger"), 35, 520),
]  # fmt: skip
DEAR = {
    "Teak Bench 4ft": 329.0, "Bistro Set": 189.0, "Four-seat Dining Set": 749.0, "Parasol 2.7m": 119.0,
    "Fire Pit": 145.0, "Bird Table": 54.99, "Sun Lounger": 210.0, "Topsoil Bulk Bag": 89.0, "Seed Tray": 1.99,
    "Dibber": 6.99, "Tree Ties Pack": 4.49,
}  # fmt: skip
SUPPLIERS = [
    (1, "Van der Meer Boomkwekerij", "Netherlands", 12, 1500.0), (2, "Hollandia Young Plants", "Netherlands", 9, 600.0),
    (3, "Vivai Rossetti", "Italy", 21, 2500.0), (4, "Greenways Growing Media", "United Kingdom", 4, 350.0),
    (5, "Stowe Terracotta", "United Kingdom", 10, 250.0), (6, "Pontevedra Ceramica", "Spain", 28, 1200.0),
    (7, "Ironbridge Garden Tools", "United Kingdom", 7, 200.0), (8, "Teakwell Outdoor", "Indonesia", 75, 5000.0),
    (9, "Harrow Plant Care", "United Kingdom", 3, None), (10, "Wexcombe Roses", "United Kingdom", 6, 180.0),
    (11, "Baumschule Lindner", "Germany", 14, 1000.0), (12, "Fenland Bedding", "United Kingdom", 2, 120.0),
    (13, "Orchid House Direct", "Netherlands", 5, 300.0), (14, "Copse Seeds", "United Kingdom", 5, None),
]  # fmt: skip
SOURCES = {
    "compost and mulch": (4,), "pots": (5, 6), "tools": (7,), "plant care": (9,), "furniture": (8,),
    "tree": (1, 3, 11), "hedging": (1, 11, None), "rose": (10, None), "bedding": (12, None, None),
    "houseplant": (13, 2), "climber": (2, None), "fruit": (11, None),
}  # fmt: skip
TOWNS = (
    "Larkfield",
    "Thornby",
    "Port Ellery",
    "Hexley",
    "Bramley",
    "Oakhanger",
    "Dunmere",
    "Castle Ashford",
    "Wick St Mary",
)
FIRMS = (
    "Brindle & Sons", "Ashdown", "Greenacre", "Stone & Sward", "Four Seasons", "Kestrel", "Hollybank", "Ridgeway",
    "Fernleigh", "Pearce", "Moorland", "Tilley", "Evergreen", "Copperfield", "Northbrook", "Wildwood", "Sycamore",
    "Redgate", "Capstone", "Marlow", "Willowbed", "Old Wall", "Hartley", "Two Rivers", "Penrose",
)  # fmt: skip
ENDINGS = ("Groundworks", "Landscaping", "Gardens")
MONTHS = (2, 3, 9, 15, 18, 13, 9, 7, 8, 7, 5, 8)


def rows(random: Random) -> Rows:
    staff = _staff(random)
    plants = _plants(random)
    products = _products(random, plants)
    customers = _customers(random)
    sales, lines = _sales(random, staff, products, customers)
    return {
        "sites": SITES, "staff": staff,
        "suppliers": [(*s, f"0{random.randint(1200, 1999)} {random.randint(200000, 999999)}") for s in SUPPLIERS],
        "plants": plants, "products": products, "stock": _stock(random, products),
        "batches": [_batch(random, number, plants, staff) for number in range(2001, 2521)],
        "customers": customers, "sales": sales, "sale_lines": lines, "vans": VANS,
        "deliveries": _deliveries(random, sales, staff),
    }  # fmt: skip


def _staff(random: Random) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    managers = {site[6]: site for site in SITES if site[6]}
    spans = [(1, 10), (11, 16), (17, 20), (21, 26), (27, 32), (33, 39), (40, 42), (43, 48)]
    names = people(random, 48)
    for number in range(1, 49):
        at = next(i for i, (low, high) in enumerate(spans, 1) if low <= number <= high)
        site = at if at < 8 else random.choice((1, 2, 4))
        if number in managers:
            title = "site manager"
        elif site in (4, 5):
            title = random.choice(("grower", "grower", "propagator", "seasonal worker"))
        elif site == 6:
            title = ("driver", "driver", "driver", "trade sales", "trade sales", "yard hand")[number - 34]
        else:
            title = random.choice(("sales assistant", "sales assistant", "plant adviser", "cashier"))
        title = "driver" if number in (9, 15) else title
        low = date(2025, 3, 1) if site == 7 else date(2009, 1, 1)
        start = day(random, low, date(2025, 4, 30) if site == 7 else date(2023, 10, 31))
        left = day(random, max(start + timedelta(days=120), date(2022, 1, 1)), date(2025, 10, 31))
        gone = number not in managers and site != 7 and title != "driver" and random.random() < 0.27
        rate = round(random.uniform(15.5, 19.5) if number in managers else random.uniform(11.4, 14.9), 2)
        dob = day(random, date(1958, 1, 1), date(1991, 12, 31)) if random.random() < 0.94 else None
        made.append(
            (number, names[number - 1], title, site, dob and f"{dob}", f"{start}", f"{left}" if gone else None, rate)
        )
    return made


def _plants(random: Random) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for text in PLANTS.replace("\n", ";").split(";"):
        if not text:
            continue
        common, botanical, kind, green, colour = text.split("|")
        low, high = TYPES[kind][2]
        spot = random.choices(("full sun", "part shade", "shade", None), (50, 30, 12, 8))[0]
        height = round(random.uniform(low, high) / 5) * 5 if random.random() < 0.95 else None
        made.append(
            (
                len(made) + 1,
                common,
                botanical,
                kind,
                int(green),
                random.choice(TYPES[kind][3]),
                height,
                colour or None,
                spot,
            )
        )
    return made


def _products(random: Random, plants: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []

    def add(name: str, department: str, plant: object, litres: object, supplier: object, retail: float) -> None:
        number = len(made) + 1
        cost = round(retail * random.uniform(0.32, 0.55), 2)
        ended = f"{day(random, date(2023, 1, 1), date(2025, 9, 30))}" if random.random() < 0.07 else None
        made.append(
            (number, f"{department[:2].upper()}{number:04}", name, department, plant, litres, supplier, cost,
             round(retail * random.uniform(0.68, 0.8), 2), retail, ended)
        )  # fmt: skip

    for plant in plants[:-1]:
        kind = str(plant[3])
        base, sizes, _, _ = TYPES[kind]
        department = {"herb": "fruit and herbs", "fruit": "fruit and herbs", "houseplant": "houseplants"}.get(
            kind, "outdoor plants"
        )
        chosen = sorted(random.sample(sizes, random.randint(1, len(sizes))))
        if plant[1] == "Portuguese Laurel":
            chosen = list(sizes)
        worth = random.uniform(0.8, 1.35)
        for size in chosen:
            retail = int(base * worth * (size / sizes[0]) ** 0.75 * 2) / 2 + 0.49
            add(
                f"{plant[1]} {size}L",
                department,
                plant[0],
                float(size),
                random.choice(SOURCES.get(kind, (2, None, None))),
                retail,
            )
    for department, names, low, high in SUNDRIES:
        for name in names:
            retail = DEAR.get(name) or int(low + (high - low) * random.random() ** 1.6) + 0.99
            add(name, department, None, None, random.choice(SOURCES[department]), retail)
    return made


def _stock(random: Random, products: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    for product in products:
        for site in (1, 2, 3, 4, 5, 6, 7):
            growing, small = site in (4, 5), site in (3, 7)
            if (growing and (product[4] is None or product[6])) or random.random() < (0.72 if small else 0.35):
                continue
            if site == 6 and product[3] in ("houseplants", "furniture"):
                continue
            many = int(random.lognormvariate(5.0 if growing else 2.9, 0.9)) if random.random() < 0.93 else 0
            many = 0 if product[10] and random.random() < 0.6 else many
            level = None if growing or random.random() < 0.1 else random.choice((2, 5, 5, 10, 15))
            made.append((product[0], site, many, level, f"{day(random, date(2025, 6, 1), date(2025, 11, 30))}"))
    return made


def _batch(
    random: Random, number: int, plants: list[tuple[object, ...]], staff: list[tuple[object, ...]]
) -> tuple[object, ...]:
    bought = (
        "Moth Orchid",
        "Christmas Rose",
        "Coral Bells",
        "Sea Holly",
        "Black Bamboo",
        "Star Jasmine",
        "Daphne",
        "Peony",
    )
    usual = [p for p in plants if p[1] not in bought and (p[3] not in ("houseplant", "tree") or p[0] in (1, 3, 8))][:-4]
    plant = usual[int(random.random() ** 1.15 * len(usual))]
    kind = str(plant[3])
    weights = {
        "bedding": (80, 0, 20, 0, 0), "herb": (55, 35, 10, 0, 0), "rose": (0, 20, 0, 0, 80), "tree": (40, 0, 0, 0, 60),
        "fruit": (5, 55, 0, 5, 35), "perennial": (35, 20, 20, 25, 0), "grass": (30, 0, 10, 60, 0),
    }.get(kind, (10, 70, 20, 0, 0))  # fmt: skip
    method = random.choices(("seed", "cuttings", "plugs", "division", "grafting"), weights)[0]
    site = random.choices((4, 5), (58, 42))[0]
    growers = [
        person[0] for person in staff if person[3] == site and person[2] in ("grower", "propagator", "site manager")
    ]
    start = date(2021, 1, 15) + timedelta(days=int((number - 2001) * 3.36) + random.randint(0, 20))
    qty = {"seed": 1400, "cuttings": 420, "plugs": 650, "division": 160, "grafting": 90}[method]
    qty = int(qty * random.uniform(0.4, 1.9) / 10) * 10
    rate = {"seed": 0.21, "cuttings": 0.17, "plugs": 0.06, "division": 0.09, "grafting": 0.24}[method]
    lost = int(qty * min(0.95, rate * random.lognormvariate(-0.1, 0.6) * (1.25 if site == 5 else 1)))
    takes = {"seed": 130, "cuttings": 260, "plugs": 85, "division": 170, "grafting": 420}[method]
    est = start + timedelta(days=int(takes * random.uniform(0.8, 1.2)))
    ready = est + timedelta(days=round(random.gauss(6, 13)))
    known = ready <= date(2025, 11, 30) and random.random() < 0.97
    grower = random.choice(growers) if random.random() < 0.95 else None
    return number, plant[0], site, grower, method, f"{start}", qty, lost, f"{est}", f"{ready}" if known else None


def _customers(random: Random) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    firms = [f"{firm} Landscapes" for firm in FIRMS]
    firms += [f"{firm} {what}" for firm, what in zip(FIRMS[8:], ENDINGS * 6, strict=False)]
    designers = [f"{firm} Garden Design" for firm in FIRMS[3:14]]
    councils = [f"{town} Town Council" for town in TOWNS[1:7]] + ["Ellery District Council"]
    schools = ["Thornby Primary School", "Hexley Academy", "St Cuthbert's School", "Dunmere College"]
    names = people(random, 190)
    everyone = [(name, "landscaper") for name in firms] + [(name, "garden designer") for name in designers]
    everyone += [(name, "council") for name in councils] + [(name, "school") for name in schools]
    everyone += [(name, "private") for name in names[:130]]
    random.shuffle(everyone)
    for number, (name, kind) in enumerate(everyone, 1):
        private = kind == "private"
        contact = None if private or random.random() < 0.08 else names[130 + number % 60]
        phone = f"07{random.randint(100, 999)} {random.randint(100000, 999999)}" if random.random() < 0.93 else None
        town = next((town for town in TOWNS if name.startswith(town)), random.choice(TOWNS))
        opened = day(random, date(2021, 1, 4), date(2025, 10, 20))
        opened = date(2021, 1, 8) if name == "Brindle & Sons Landscapes" else opened
        discount = None if private else random.choice((0.0, 5.0, 5.0, 7.5, 10.0, 12.5))
        limit = None if private or random.random() < 0.1 else float(random.choice((1000, 2500, 5000, 10000, 20000)))
        phone = phone or ("07418 220913" if name == "Brindle & Sons Landscapes" else None)
        made.append((number, name, kind, contact, phone, town, f"{opened}", discount, limit))
    return made


def _sales(
    random: Random,
    staff: list[tuple[object, ...]],
    products: list[tuple[object, ...]],
    customers: list[tuple[object, ...]],
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    days = _sale_days(random)
    popular = random.sample(products, len(products))[: len(products) - 22]
    shoppers = random.sample(customers, len(customers) - 14)
    sales: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    for number, when in enumerate(days, 50001):
        channel = random.choices(("till", "trade counter", "phone", "web"), (62, 22, 7, 5 + 2 * (when.year - 2021)))[0]
        pick = [
            c for c in shoppers
            if str(c[6]) <= f"{when}"
            and (c[2] != "private" if channel == "trade counter" else channel != "web" or c[2] == "private")
        ]  # fmt: skip
        if channel != "till" and not pick:
            channel = "till"
        customer = None if channel == "till" else pick[int(random.random() ** 1.7 * len(pick))]
        site = {"trade counter": 6, "web": 1}.get(channel) or random.choices((1, 2, 3), (50, 34, 16))[0]
        if channel == "till" and when >= date(2025, 3, 29) and random.random() < 0.09:
            site = 7
        team = [
            p[0] for p in staff
            if p[3] == site and str(p[5]) <= f"{when}" and (not p[6] or str(p[6]) >= f"{when}") and p[2] != "driver"
        ]  # fmt: skip
        server = random.choice(team) if team and channel != "web" else None
        trade = customer is not None and customer[2] != "private"
        bought = _basket(random, number, when, trade, popular)
        lines += bought
        total = sum(float(str(line[5])) for line in bought)
        pay, paid = _payment(random, when, channel, trade)
        sales.append(
            (
                number,
                site,
                f"{when}",
                channel,
                customer and customer[0],
                server,
                pay,
                round(total, 2),
                paid and f"{paid}",
            )
        )
    return sales, lines


def _sale_days(random: Random) -> list[date]:
    days: list[date] = []
    for year, many in ((2021, 190), (2022, 225), (2023, 240), (2024, 275), (2025, 290)):
        for _ in range(many):
            month = random.choices(range(1, 13), MONTHS)[0]
            last = 28 if month == 2 else 30
            when = date(year, month, random.randint(1, last))
            if when.weekday() < 5 and random.random() < 0.3:
                when += timedelta(days=5 - when.weekday()) if when.day < 24 else timedelta(0)
            days.append(when)
    return sorted(days)


def _basket(
    random: Random, number: int, when: date, trade: bool, popular: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    chosen: dict[object, tuple[object, ...]] = {}
    for _ in range(random.choices((1, 2, 3, 4, 5), (30, 30, 22, 12, 6) if not trade else (22, 28, 26, 14, 10))[0]):
        offers = [popular[int(random.random() ** 1.4 * len(popular))] for _ in range(1 if trade else 3)]
        product = min(offers, key=lambda p: float(str(p[9])) if random.random() < 0.85 else 0)
        if product[10] is None or str(product[10]) > f"{when}":
            chosen[product[0]] = product
    chosen = chosen or {popular[0][0]: popular[0]}
    lines: list[tuple[object, ...]] = []
    for line, product in enumerate(chosen.values(), 1):
        if trade and product[3] != "furniture":
            qty = max(1, int(random.lognormvariate(2.2, 0.9)))
        else:
            qty = random.choices((1, 2, 3, 6), (64, 20, 10, 6))[0]
        price = float(str(product[8] if trade else product[9]))
        price = round(price * random.choice((0.7, 0.8)), 2) if not trade and random.random() < 0.08 else price
        lines.append((number, line, product[0], qty, price, round(qty * price, 2)))
    return lines


def _payment(random: Random, when: date, channel: str, trade: bool) -> tuple[str, date | None]:
    if channel == "till":
        pay = random.choices(("card", "cash", "gift voucher"), (76, 17, 7))[0]
    elif channel == "web" or not trade:
        pay = "card"
    else:
        pay = random.choices(("account", "card", "bank transfer"), (70, 16, 14))[0]
    if pay != "account":
        return pay, when
    paid = when + timedelta(days=max(3, int(random.gauss(32, 14))))
    return pay, None if paid > date(2025, 12, 20) or random.random() < 0.06 else paid


def _deliveries(
    random: Random, sales: list[tuple[object, ...]], staff: list[tuple[object, ...]]
) -> list[tuple[object, ...]]:
    made: list[tuple[object, ...]] = []
    drivers = [p for p in staff if p[2] == "driver"]
    for sale in sales:
        if sale[4] is None or random.random() > (0.95 if sale[3] == "web" else 0.62):
            continue
        when = date.fromisoformat(str(sale[2]))
        booked = when + timedelta(days=random.randint(1, 9))
        vans = [van for van in VANS if str(van[3]) <= f"{booked}"]
        team = [p[0] for p in drivers if str(p[5]) <= f"{booked}"] or [None]
        status = random.choices(("delivered", "failed", "cancelled"), (91, 4, 5))[0]
        status = "booked" if booked > date(2025, 12, 12) else status
        done = booked + timedelta(days=random.choices((0, 1, 2, 4), (84, 10, 4, 2))[0])
        away = round(random.lognormvariate(2.6, 0.6), 1)
        fee = 0.0 if float(str(sale[7])) > 250 else random.choice((9.95, 14.95, 25.0))
        van = random.choices(vans, range(len(vans) + 3, 3, -1))[0][0]
        made.append(
            (len(made) + 7001, sale[0], van, random.choice(team), f"{booked}",
             f"{done}" if status == "delivered" else None, status, away, fee)
        )  # fmt: skip
    return made


NURSERY = Stranger("nursery", DDL, rows, seed=73)
