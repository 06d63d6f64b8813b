"""How a task for code becomes a question, and how the SQL that answers it gets the columns that the task names."""
