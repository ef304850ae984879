# Starts a replica in the folder $PGDATA. The first start copies the server at $PRIMARY; later starts use that copy.
set -eu
if ! test -s "$PGDATA/PG_VERSION"; then
    # Start over if an earlier copy was interrupted.
    rm -rf "$PGDATA.new"
    mkdir -p "$(dirname "$PGDATA")"
    pg_basebackup --dbname="$PRIMARY" --pgdata="$PGDATA.new" --write-recovery-conf --checkpoint=fast
    rm -rf "$PGDATA"
    mv "$PGDATA.new" "$PGDATA"
fi
exec postgres "$@"
