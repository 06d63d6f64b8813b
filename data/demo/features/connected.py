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
    filter="status <> 'failed'",
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

fraud = Marks(
    # Nobody knows of a fraud before it is contested, weeks after the payment.
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

connected_users = ConnectedView(
    name="connected_users",
    entity="user",
    key="user_id",
    edges=(device, transfer, shop),
    marks=fraud,
    every="6h",
    hub=30,
    ttl="30d",
    owner=OWNER,
    description="People whom devices, transfers and shops connect, and which of them were found to be fraudulent.",
    features=(
        Measure("devices", "degree", over=("1d", "30d"), edges=("device",), description="Devices used."),
        Measure(
            "device_sharers",
            "neighbours",
            over=("1d", "30d"),
            edges=("device",),
            description="Others who used the same devices.",
        ),
        Measure("partners", "degree", over=("1d", "30d"), edges=("transfer",), description="Partners of transfers."),
        Measure(
            "transfer_group",
            "component",
            over=("1d",),
            edges=("device", "transfer"),
            description="People whom transfers and their devices connect, be it by way of others.",
        ),
        Measure("shop_sharers", "neighbours", over=("1d",), edges=("shop",), description="Who paid at the same shops."),
        Measure("shop_group", "component", over=("1d",), edges=("shop",), description="People connected by shops."),
        Measure(
            "fraudulent",
            "marked",
            over=("30d",),
            description="Neighbours whose payments were contested as fraud by then.",
        ),
        Measure("fraudulent_share", "marked_share", over=("30d",), description="Their share of all neighbours."),
        Measure(
            "group_fraudulent",
            "component_marked",
            over=("1d",),
            edges=("device", "transfer"),
            description="Those of the group of transfers.",
        ),
        Measure(
            "group_fraudulent_share",
            "component_marked_share",
            over=("1d",),
            edges=("device", "transfer"),
            description="Their share of the others of the group.",
        ),
        Measure(
            "pagerank", "pagerank", over=("30d",), edges=("device", "transfer"), description="PageRank; 1 is usual."
        ),
    ),
)
