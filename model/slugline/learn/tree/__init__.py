"""Label trees for many tags: growing one, and deciding by its scores."""
