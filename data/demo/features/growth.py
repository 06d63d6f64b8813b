"""Merchants as marketing sees them: how they trade, what they were offered, and what they took."""

from data.features import Feature, FeatureView

OWNER = "growth@lakewright.example"
PRODUCTS = ("loan", "payroll", "loyalty", "invoicing", "instant payout", "gift card")

merchant_trade = FeatureView(
    name="merchant_trade",
    entity="merchant",
    keys=("merchant_id",),
    # Whether a card has paid here before is judged by what had reached us, so that it never changes afterwards.
    source="""
        SELECT merchant_id, amount, created_at, received_at,
            (tip IS NOT NULL)::INTEGER AS tipped, (method = 'online')::INTEGER AS online,
            (card_id IS NOT NULL AND row_number() OVER (
                PARTITION BY merchant_id, card_id ORDER BY received_at, payment_id) > 1)::INTEGER AS returning_card
        FROM square.payments WHERE status = 'captured'
    """,
    time="created_at",
    known_at="received_at",
    ttl="180d",
    owner=OWNER,
    description="How a merchant's customers pay, and how much of the trade is recent.",
    features=(
        Feature("tipped", "avg", "tipped", over=("90d",), description="Share of payments with a tip."),
        Feature("online", "avg", "online", over=("90d",), description="Share paid online."),
        Feature("returning", "sum", "returning_card", over=("90d",), description="Payments by cards that came back."),
        Feature("ticket", "avg", "amount", over=("90d",), unit="USD", description="Average payment."),
        Feature("sold", "count", over=("14d", "30d", "60d", "90d", "180d"), description="Captured payments."),
        Feature("quiet", "age", over=("180d",), unit="s", description="Time since the last captured payment."),
    ),
)

merchant_standing = FeatureView(
    name="merchant_standing",
    entity="merchant",
    keys=("merchant_id",),
    source="square.merchants",
    time="signed_up_at",
    ttl="3650d",
    owner=OWNER,
    description="How long a merchant has been with us.",
    features=(Feature("joined", "age", over=("3650d",), unit="s", description="Time since it signed up."),),
)

merchant_offers = FeatureView(
    name="merchant_offers",
    entity="merchant",
    keys=("merchant_id",),
    source="growth.offers",
    time="offered_at",
    # An offer is no feature of its own moment: what is to be shown next must not be known from it.
    delay="1h",
    ttl="180d",
    owner=OWNER,
    description="What a merchant was offered of late.",
    features=(
        Feature("shown", "count", over=("30d", "90d", "180d"), description="Offers that were made."),
        Feature("since", "age", over=("180d",), unit="s", description="Time since the last offer."),
    ),
)

merchant_acceptances = FeatureView(
    name="merchant_acceptances",
    entity="merchant",
    keys=("merchant_id",),
    # An acceptance counts from the moment when it came, days or weeks after its offer.
    source="SELECT merchant_id, product, accepted_at FROM growth.offers WHERE accepted_at IS NOT NULL",
    time="accepted_at",
    ttl="730d",
    owner=OWNER,
    description="What a merchant has accepted.",
    features=(
        Feature("accepted", "count", over=("90d", "730d"), description="Accepted offers."),
        Feature("since", "age", over=("730d",), unit="s", description="Time since the last acceptance."),
        *(
            Feature(
                product.replace(" ", "_"),
                "sum",
                f"(product = '{product}')::INTEGER",
                over=("730d",),
                description=f"Accepted offers of the {product}.",
            )
            for product in PRODUCTS
        ),
    ),
)
