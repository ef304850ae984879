# Starts a replica in the folder $PGDATA: the first time as a copy of the server at $PRIMARY, from then on as it is.
set -eu
if ! test -s "$PGDATA/PG_VERSION"; then
    # A copy that was broken off is begun anew; none is taken for a whole one.
    rm -rf "$PGDATA.new"
    mkdir -p "$(dirname "$PGDATA")"
    pg_basebackup --dbname="$PRIMARY" --pgdata="$PGDATA.new" --write-recovery-conf --checkpoint=fast
    rm -rf "$PGDATA"
    mv "$PGDATA.new" "$PGDATA"
fi
exec postgres "$@"
