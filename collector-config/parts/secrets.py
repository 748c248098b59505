"""What must not leave: names of attributes that hold secrets, and the shapes that secrets have wherever they stand."""

# Keys are compared without regard to case. Counts of tokens are no secrets, so `token` alone is no pattern.
KEYS = (
    r"(?i)(^|[._-])(password|passwd|pwd|passphrase|secret|secrets|credentials?|cookie|set-cookie|authorization)($|[._-])",
    r"(?i)(api|access|auth|private|secret|encryption|signing|account|storage)[._-]?key($|[._-]?id$)",
    r"(?i)(access|auth|refresh|id|bearer|session|security|csrf|api|oauth|personal)[._-]?token$",
    r"(?i)client[._-]?secret",
    r"(?i)connection[._-]?string",
)

_WORDS = (
    r"(password|passwd|pwd|passphrase|secret|api[_-]?key|access[_-]?key|account[_-]?key|sharedaccesskey|auth[_-]?token"
    r"|access[_-]?token|private[_-]?key|client[_-]?secret|signature|credential)"
)

VALUES = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----[\s\S]*?(-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|$)",
    r"(?i)\b(proxy-)?authorization\\?[\"']?\s*[:=]\s*\\?[\"']?(\w+\s+)?[A-Za-z0-9._~+/=-]{8,}",
    r"(?i)\b(set-)?cookie\\?[\"']?\s*[:=][^\r\n\\]+",
    r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}",
    r"\b(ops_)?eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?)?",  # JSON web tokens, 1Password
    r"\b(AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b",  # AWS
    r"\b(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b",
    r"\bgl(pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{16,}",  # GitLab
    r"\b(sk|pk|rk)[-_](ant|proj|live|test|or|svcacct)?[-_]?[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic, Stripe …
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/[A-Za-z0-9/]+",
    r"\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{20,}",  # Google
    r"\b(hf|npm|gsk|dop_v1|doo_v1|glsa|glc|shpat|shpss|shpca|whsec|sntrys|dckr_pat|lin_api)_[A-Za-z0-9_=-]{16,}",
    r"\bpypi-[A-Za-z0-9_-]{16,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|\bSK[0-9a-f]{32}\b",
    r"\bkey-[0-9a-f]{32}\b|\bdapi[0-9a-f]{32}\b|\bHRKU-[A-Za-z0-9_-]{30,}|\bNRAK-[A-Z0-9]{20,}|\bATATT3[A-Za-z0-9_=-]{20,}",
    r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}|\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{20,}|\bAGE-SECRET-KEY-1[A-Z0-9]{20,}",
    r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}|\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",  # bots
    r"discord(app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]+",
    # In addresses: user and password, a token as the user, parameters that open a door.
    r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@]*:[^\s/@]+@|\b[a-zA-Z][a-zA-Z0-9+.-]*://[A-Za-z0-9_-]{20,}@",
    r"(?i)[?&;](key|sig|token|x-amz-(signature|credential|security-token))=[^&\s\"'#]+",
    # Named as one: assignments, mappings in any quotes, options, configuration files.
    rf"(?i)\b[\w.-]*{_WORDS}s?\\*[\"']?\s*[:=]\s*(\\*\"[^\"]+\"|'[^']+'|[^\s,;&\"']+)",
    r"(?i)--?(password|passwd|token|secret|api-key|access-key)\\?[\"']?[ =,]+[\"']?[^\s\"',]+",
    r"(?i)\b(login\s+\S+\s+password|identified\s+by)\s+\S+",
    r"\bcurl\b.*?\s(-u|--user)[ =]?\S+|\bsshpass\s+-p\s*\S+|\b(mysql|mysqldump|mariadb)\b.*?\s-p\S+",
)
MASK = "****"
