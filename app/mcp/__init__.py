"""The Model Context Protocol: the lakehouse as tools, resources and prompts for other people's agents."""
