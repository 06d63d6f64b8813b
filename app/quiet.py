"""Libraries that phone home, look for models on a hub or chat on the terminal are told not to."""

from __future__ import annotations

import logging
import os
import warnings

CALM = {
    "ANONYMIZED_TELEMETRY": "False",
    "CHROMA_TELEMETRY_IMPL": "none",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def environment() -> None:
    """Before any heavy library is imported; what the person has set stays."""
    for name, value in CALM.items():
        os.environ.setdefault(name, value)


def terminal() -> None:
    """For the command line: warnings of libraries are no news for the person who asks a question."""
    environment()
    if "PYTHONWARNINGS" not in os.environ:
        warnings.simplefilter("ignore")
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
