SELECT path, inode, compressed, end_offset, size, mtime_ns, fingerprint, lines, spans FROM ledger;
