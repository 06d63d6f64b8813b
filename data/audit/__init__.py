"""The audit trail: every query with its outcome, in a chain of hashes that shows any change.

A record is durable before its answer is given: it goes into a small SQLite journal, whose transactions also
keep the chain in order when several processes write at once. In batches it moves on to the append-only Delta
table."""

from data.audit.chain import Head, Verdict
from data.audit.record import REQUEST, Record
from data.audit.trail import Audit

__all__ = ["REQUEST", "Audit", "Head", "Record", "Verdict"]
