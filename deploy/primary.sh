# Run once, when the cluster of the primary is made: lets the replicas in, by their password.
echo 'host replication all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
