"""Pages, embeds and charts for people."""
