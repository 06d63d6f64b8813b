"""All the databases."""

from __future__ import annotations

from tests.strangers.airline import AIRLINE
from tests.strangers.charity import CHARITY
from tests.strangers.college import COLLEGE
from tests.strangers.energy import ENERGY
from tests.strangers.hospital import HOSPITAL
from tests.strangers.insurance import INSURANCE
from tests.strangers.lab import LAB
from tests.strangers.logistics import LOGISTICS
from tests.strangers.museum import MUSEUM
from tests.strangers.nursery import NURSERY
from tests.strangers.podcasts import PODCASTS
from tests.strangers.publishing import PUBLISHING
from tests.strangers.removals import REMOVALS
from tests.strangers.roadworks import ROADWORKS
from tests.strangers.theatre import THEATRE
from tests.strangers.translations import TRANSLATIONS
from tests.strangers.veterinary import VETERINARY
from tests.strangers.vineyard import VINEYARD

STRANGERS = (
    HOSPITAL,
    MUSEUM,
    LOGISTICS,
    PUBLISHING,
    INSURANCE,
    ENERGY,
    VETERINARY,
    VINEYARD,
    PODCASTS,
    ROADWORKS,
    REMOVALS,
    LAB,
    THEATRE,
    COLLEGE,
    CHARITY,
    AIRLINE,
    NURSERY,
    TRANSLATIONS,
)
