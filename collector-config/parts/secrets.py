"""What must not leave: names of attributes that hold secrets, and the shapes that secrets have wherever they stand."""

# Keys are compared without regard to case. Counts of tokens are no secrets, so `token` alone is no pattern.
KEYS = (
    r"(?i)(^|[._-])(password|passwd|pwd|passphrase|secret|secrets|credentials?|cookie|set-cookie|authorization)($|[._-])",
    r"(?i)(api|access|auth|private|secret|encryption|signing|account|storage)[._-]?key($|[._-]?id$)",
    r"(?i)(access|auth|refresh|id|bearer|session|security|csrf|api|oauth|personal)[._-]?token$",
    r"(?i)client[._-]?secret",
    r"(?i)connection[._-]?string",
)

VALUES = (
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----[\s\S]*?(-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|$)",
    r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?",  # JSON web tokens
    r"\b(AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b",  # AWS
    r"\b(ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b",
    r"\bgl(pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{16,}",  # GitLab
    r"\b(sk|pk|rk)[-_](ant|proj|live|test|or|svcacct)?[-_]?[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic, Stripe …
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/[A-Za-z0-9/]+",
    r"\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{20,}",  # Google
    r"\b(hf|npm|dop_v1|glsa|glc|shpat|shpss|whsec|sntrys|dckr_pat)_[A-Za-z0-9_=-]{16,}",
    r"\bpypi-[A-Za-z0-9_-]{16,}|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|\bSK[0-9a-f]{32}\b",
    r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@]*:[^\s/@]+@",  # a password in an address
    r"(?i)\b[\w.-]*(password|passwd|pwd|passphrase|secret|api[_-]?key|access[_-]?key|account[_-]?key|auth[_-]?token"
    r"|access[_-]?token|private[_-]?key|credential)s?\\?[\"']?\s*[:=]\s*(\\?\"[^\"]+\"|'[^']+'|[^\s,;&\"']+)",
    r"(?i)--?(password|passwd|token|secret|api-key)[ =]\S+",
)
MASK = "****"
