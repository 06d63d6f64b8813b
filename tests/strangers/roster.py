"""All the databases."""

from __future__ import annotations

from tests.strangers.energy import ENERGY
from tests.strangers.hospital import HOSPITAL
from tests.strangers.insurance import INSURANCE
from tests.strangers.logistics import LOGISTICS
from tests.strangers.museum import MUSEUM
from tests.strangers.publishing import PUBLISHING
from tests.strangers.veterinary import VETERINARY

STRANGERS = (HOSPITAL, MUSEUM, LOGISTICS, PUBLISHING, INSURANCE, ENERGY, VETERINARY)
