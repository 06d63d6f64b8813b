"""Who is connected with whom: by devices that they share, money that they send, and small shops that they pay at."""

from data.features import ConnectedView, Edges, Marks, Measure

OWNER = "risk@lakewright.example"

device = Edges(
    kind="device",
    source="cash.transfers",
    ends=(("user", "sender_id"), ("device", "device_id")),
    time="created_at",
)

transfer = Edges(
    kind="transfer",
    source="cash.transfers",
    ends=(("user", "sender_id"), ("user", "receiver_id")),
    time="created_at",
)

shop = Edges(
    kind="shop",
    source="""
        SELECT c.user_id, p.merchant_id, p.created_at, p.received_at
        FROM square.payments p JOIN cash.cards c ON c.card_id = p.card_id
        WHERE p.status <> 'failed'
    """,
    ends=(("user", "user_id"), ("shop", "merchant_id")),
    time="created_at",
    known_at="received_at",
)

card_shop = Edges(
    kind="shop",
    source="square.payments",
    ends=(("card", "card_id"), ("shop", "merchant_id")),
    time="created_at",
    known_at="received_at",
    filter="status <> 'failed'",
)

# Nobody knows of a fraud before it is contested, weeks after the payment.
contested_users = Marks(
    source="""
        SELECT c.user_id, d.opened_at
        FROM square.disputes d
        JOIN square.payments p ON p.payment_id = d.payment_id
        JOIN cash.cards c ON c.card_id = p.card_id
        WHERE d.reason = 'fraud'
    """,
    key="user_id",
    time="opened_at",
    lasts="180d",
)

contested_cards = Marks(
    source="""
        SELECT p.card_id, d.opened_at
        FROM square.disputes d JOIN square.payments p ON p.payment_id = d.payment_id
        WHERE d.reason = 'fraud'
    """,
    key="card_id",
    time="opened_at",
    lasts="180d",
)

connected_users = ConnectedView(
    name="connected_users",
    entity="user",
    key="user_id",
    edges=(device, transfer),
    marks=contested_users,
    every="1d",
    ttl="30d",
    hub=30,
    owner=OWNER,
    description="People whom devices and transfers connect, and which of them were found to be fraudulent by then.",
    features=(
        Measure("devices", "degree", ("30d",), ("device",), description="Devices used."),
        Measure("device_sharers", "neighbours", ("30d", "90d"), ("device",), description="Others at the same devices."),
        Measure("device_group", "component", ("90d",), ("device",), description="People connected by devices."),
        Measure("group_fraudulent", "component_marked", ("90d",), ("device",), description="Fraudulent among them."),
        Measure("group_share", "component_marked_share", ("90d",), ("device",), description="The share of those."),
        Measure("partners", "degree", ("30d", "90d"), ("transfer",), description="Partners of transfers."),
        Measure("fraudulent", "marked", ("30d", "90d"), description="Fraudulent partners, or at the same devices."),
        Measure("fraudulent_share", "marked_share", ("90d",), description="The share of those among all."),
        Measure("pagerank", "pagerank", ("30d",), description="How central among transfers: 1 is the average."),
    ),
)

connected_today = ConnectedView(
    name="connected_today",
    entity="user",
    key="user_id",
    edges=(device, transfer, shop),
    every="1h",
    hub=30,
    owner=OWNER,
    description="People whom the devices, transfers and small shops of a day connect.",
    features=(
        Measure("device_sharers", "neighbours", ("1d",), ("device",), description="Others at the same devices."),
        Measure("partners", "degree", ("1d",), ("transfer",), description="Partners of transfers."),
        Measure(
            "transfer_group", "component", ("1d",), ("device", "transfer"), description="People whom both connect."
        ),
        Measure("shop_sharers", "neighbours", ("6h", "1d"), ("shop",), description="Others at the same small shops."),
        Measure("shop_group", "component", ("6h",), ("shop",), description="People connected by small shops."),
    ),
)

connected_cards = ConnectedView(
    name="connected_cards",
    entity="card",
    key="card_id",
    edges=(card_shop,),
    marks=contested_cards,
    every="1d",
    hub=30,
    owner=OWNER,
    description="Cards that pay at the same small shops, and those among them whose payments were contested by then.",
    features=(
        Measure("shop_sharers", "neighbours", ("1d", "7d"), description="Other cards at the same small shops."),
        Measure("fraudulent", "marked", ("7d", "30d"), description="Fraudulent ones among them."),
        Measure("fraudulent_share", "marked_share", ("7d", "30d"), description="The share of those."),
    ),
)
