"""A small bakery with names as stores have them, seen in full by its owner and without its customers by a guest."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from data import onboard
from data.federation import open_gateway
from finetune import adapter
from finetune.learn.course import TRAIN
from finetune.recipe import Lora
from finetune.workshop import Workshop
from retrieval import Retriever

POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: guest, groups: [guests]}
grants:
  - {to: owners, on: "*"}
  - {to: guests, on: bakery.PROD}
"""
NAMES = ("Ada Stone", "Ben Carter", "Cleo Marsh", "Dan Webb", "Eva Frost", "Finn Hale", "Gus Lane", "Hana Bell")


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """A home with the source."""
    home, rng = tmp_path / "bakery-home", random.Random(1)
    home.mkdir()
    with sqlite3.connect(home / "bakery.db") as db:
        db.executescript("""
            CREATE TABLE CUST(CUST_ID INTEGER PRIMARY KEY, CUST_NM TEXT, CTY TEXT, VIP_FLG TEXT);
            CREATE TABLE PROD(PROD_ID INTEGER PRIMARY KEY, PROD_NM TEXT, CAT_CD TEXT, UNIT_PRC REAL);
            CREATE TABLE ORD(ORD_ID INTEGER PRIMARY KEY, CUST_ID INTEGER REFERENCES CUST(CUST_ID),
              PROD_ID INTEGER REFERENCES PROD(PROD_ID), ORD_DT INTEGER, QTY INTEGER);
        """)
        cities = ("Bern", "Graz", "Linz")
        people = [(i, name, rng.choice(cities), rng.choice("YN")) for i, name in enumerate(NAMES)]
        db.executemany("INSERT INTO CUST VALUES (?, ?, ?, ?)", people)
        goods = [(i, name, "BREAD", 3.0 + i) for i, name in enumerate(("Rye", "Bagel", "Pretzel", "Brioche"))]
        db.executemany("INSERT INTO PROD VALUES (?, ?, ?, ?)", goods)
        orders = [
            (i, rng.randrange(8), rng.randrange(4), 20240000 + 100 * rng.randint(1, 12) + rng.randint(1, 28), i % 9 + 1)
            for i in range(200)
        ]
        db.executemany("INSERT INTO ORD VALUES (?, ?, ?, ?, ?)", orders)
    onboard.add(home, "bakery", "sqlite", str(home / "bakery.db"))
    (home / "policy.yaml").write_text(POLICY)
    return home


@pytest.fixture
def weights(tmp_path: Path, models: Path, tiny: Path) -> Path:
    """A folder of models with the embedding model and an untrained adapter, called `ask`, of a model of two layers."""
    from finetune.llama import LoraLlama
    from retrieval.embedding import MiniLM

    base = tmp_path / "base"
    shutil.copytree(tiny, base)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 4096}))
    MiniLM(models).encode(["warm"])
    folder = tmp_path / "weights"
    (folder / "adapters" / "ask").mkdir(parents=True)
    for file in models.glob("minilm*"):
        (folder / file.name).symlink_to(file)
    lora = Lora(r=4, alpha=8)
    made = LoraLlama(base, r=lora.r, alpha=lora.alpha, targets=frozenset(lora.targets), seed=TRAIN.seed, device="cpu")
    adapter.save(made.adapters, folder / "adapters" / "ask", base=str(base), lora=lora)
    return folder


@pytest.fixture
def shop(bakery: Path, weights: Path) -> Workshop:
    """The owner's workshop."""
    gateway = open_gateway(bakery)
    retriever = Retriever(gateway, weights, bakery / "index")
    return Workshop(gateway, gateway.policy.principal("owner"), retriever, weights, bakery, lambda _: None)
