"""Questions over databases that lie in a folder, asked of us and of other text-to-SQL programs side by side."""

from app.contest.contest import Plan, hold

__all__ = ["Plan", "hold"]
