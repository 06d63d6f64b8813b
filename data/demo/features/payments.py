"""Payments, as merchants, cards and people see them."""

from data.features import Feature, FeatureView

OWNER = "acquiring@lakewright.example"
SHORT = ("5m", "1h", "1d")
LONG = ("1d", "7d", "30d", "90d")

card_payments = FeatureView(
    name="card_payments",
    entity="card",
    keys=("card_id",),
    source="square.payments",
    time="created_at",
    known_at="received_at",
    filter="status <> 'failed'",
    ttl="90d",
    owner=OWNER,
    description="How a card is used: often, for how much, and in how many shops.",
    features=(
        Feature("payments", "count", over=(*SHORT, "7d", "30d"), description="Payments with the card."),
        Feature("spent", "sum", "amount", over=("1h", "1d", "30d"), unit="USD", description="Paid with the card."),
        Feature("average", "avg", "amount", over=("30d",), unit="USD", description="Average payment."),
        Feature("largest", "max", "amount", over=("1d", "30d"), unit="USD", description="Largest payment."),
        Feature("shops", "approx_distinct", "merchant_id", over=("1h", "1d", "30d"), description="Different shops."),
        Feature("online", "avg", "(method = 'online')::INTEGER", over=("30d",), description="Share paid online."),
        Feature("method", "last", "method", over=("30d",), description="How the card was read last."),
        Feature("quiet", "age", over=("90d",), unit="s", description="Time since the last payment."),
    ),
)

card_failures = FeatureView(
    name="card_failures",
    entity="card",
    keys=("card_id",),
    source="square.payments",
    time="created_at",
    known_at="received_at",
    filter="status = 'failed'",
    ttl="30d",
    owner=OWNER,
    description="Payments that were refused, as when somebody tries a stolen card.",
    features=(Feature("failed", "count", over=(*SHORT, "7d"), description="Refused payments."),),
)

merchant_payments = FeatureView(
    name="merchant_payments",
    entity="merchant",
    keys=("merchant_id",),
    source="square.payments",
    time="created_at",
    known_at="received_at",
    filter="status = 'captured'",
    ttl="90d",
    owner=OWNER,
    description="What a merchant takes in.",
    features=(
        Feature("payments", "count", over=("1h", *LONG), description="Captured payments."),
        Feature("revenue", "sum", "amount", over=LONG, unit="USD", description="Money taken in."),
        Feature("median", "quantile", "amount", over=("30d",), unit="USD", description="Usual size of a payment."),
        Feature("high", "quantile", "amount", over=("30d",), quantile=0.95, unit="USD", description="Large payment."),
        Feature("tips", "avg", "tip", over=("30d",), unit="USD", description="Average tip."),
        Feature("cards", "approx_distinct", "card_id", over=("1d", "30d"), description="Different cards of ours."),
        Feature("quiet", "age", over=("90d",), unit="s", description="Time since the last payment."),
    ),
)

merchant_disputes = FeatureView(
    name="merchant_disputes",
    entity="merchant",
    keys=("merchant_id",),
    # A chargeback counts from the day on which it was opened, weeks after the payment.
    source="""
        SELECT p.merchant_id, d.amount, d.reason, d.opened_at
        FROM square.disputes d JOIN square.payments p ON p.payment_id = d.payment_id
    """,
    time="opened_at",
    ttl="90d",
    owner=OWNER,
    description="Chargebacks of a merchant's customers.",
    features=(
        Feature("disputes", "count", over=("30d", "90d"), description="Chargebacks."),
        Feature("contested", "sum", "amount", over=("30d", "90d"), unit="USD", description="Contested money."),
        Feature("fraud", "sum", "(reason = 'fraud')::INTEGER", over=("90d",), description="Those for fraud."),
    ),
)

user_payments = FeatureView(
    name="user_payments",
    entity="user",
    keys=("user_id",),
    source="""
        SELECT c.user_id, p.card_id, p.merchant_id, p.amount, p.created_at, p.received_at
        FROM square.payments p JOIN cash.cards c ON c.card_id = p.card_id
        WHERE p.status <> 'failed'
    """,
    time="created_at",
    known_at="received_at",
    ttl="90d",
    owner=OWNER,
    description="How a person pays, with all of their cards.",
    features=(
        Feature("payments", "count", over=("1h", "1d", "7d", "30d"), description="Payments with any card."),
        Feature("spent", "sum", "amount", over=("1d", "7d", "30d", "90d"), unit="USD", description="Money spent."),
        Feature("cards", "approx_distinct", "card_id", over=("1d", "30d"), description="Different cards used."),
        Feature("shops", "approx_distinct", "merchant_id", over=("1d", "30d"), description="Different shops."),
    ),
)
