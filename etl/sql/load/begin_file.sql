-- Records that a file begins, without waiting for the disk.
-- writes: meta.file
-- binds: batch, name, source, bytes, fictional, digest
insert into meta.file (batch_id, name, source, bytes, fictional, digest) values ($1, $2, $3,
        $4, $5, $6)
returning file_id, set_config('synchronous_commit', 'off', true)
