"""The tables' versions, one file each in `versions/`, for Alembic. A file that was released is not changed any more."""
