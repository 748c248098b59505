"""Lists of ordinary words, by which is told what is no secret."""

from typing import Final

# Values of secret options and variables that hide nothing.
_ordinary = """
true false none null yes no on off auto default test debug info localhost changeme disabled enabled file required
optional basic bearer token secret password never always
"""
ORDINARY: Final = frozenset(_ordinary.split())

# Names of accounts that say nothing of a person, and stand in all kinds of texts.
_accounts = """
root user users admin administrator ubuntu debian ec2-user runner docker node python agent agents build builder
nobody daemon system default test tester app apps service services vagrant jenkins gitlab-runner circleci postgres
mysql redis nginx www-data developer dev guest local home work worker code coder vscode codespace sandbox
"""
ACCOUNTS: Final = frozenset(_accounts.split())

# What the name of a secret may go on with and mean no secret at all.
_about = """
count counts type types limit length len size name names file path id ids url uri endpoint expires expiry expiration
ttl age policy mode enabled required version provider hash budget index usage total
"""
ABOUT: Final = frozenset(_about.split())

# Before `key`, in names such as `dictionary.key`, `db.partition_key`.
_plain_keys = """
primary partition foreign sort cache routing public object row map dict sharding shard message idempotency
"""
PLAIN_KEYS: Final = frozenset(_plain_keys.split())

# After `--password`, where only a sentence goes on about it.
_prose = """
a an and are argument arguments as at be been but by can cannot do does either expected expects flag flags for from
given has have if in instead is it may missing must need needs neither no nor not of on option options or parameter
provided required requires set should specified that the to unless use value values was were when where which will
with without
"""
PROSE: Final = frozenset(_prose.split())
