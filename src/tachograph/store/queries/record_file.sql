INSERT INTO ledger (path, inode, compressed, end_offset, size, mtime_ns, fingerprint, lines, spans)
VALUES ($path, $inode, $compressed, $end_offset, $size, $mtime_ns, $fingerprint, $lines, $spans);
