"""What secrets look like: one table of known shapes, each telling which part of a match is the secret.

Every pattern takes linear time: it begins with something fixed, and nothing that can fail follows an unbounded part.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from tachograph.redaction.words import ORDINARY, PROSE

REDACTED: Final = "[redacted]"

# Keys that say by their beginning whose they are.
_TOKENS: Final = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",  # AWS
    r"gh[pousr]_\w{16,}|github_pat_\w{16,}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{16,}",  # GitLab
    r"xox[abeoprs][.-][\w.-]{10,}|xapp-\d-[\w-]{10,}",  # Slack
    r"(?:[sr]k|pk)_(?:live|test)_\w{10,}|whsec_[\w+/=]{16,}",  # Stripe
    r"AIza[\w-]{30,}|ya29\.[\w.-]{16,}|GOCSPX-[\w-]{16,}|1//0[\w-]{20,}",  # Google
    r"sk-(?:(?:proj|svcacct|admin|ant|or|lf|None)-[\w-]{16,}|[A-Za-z0-9]{20,})",  # OpenAI, Anthropic, OpenRouter …
    r"(?:hf|npm|gsk|r8|fw|csk|jina)_\w{20,}|(?:xai|pplx|nvapi|csk)-[\w-]{20,}|tvly-[\w-]{16,}|lsv2_\w{20,}",
    r"pypi-(?:Ag[\w-]{16,}|\w{32,})|rubygems_\w{20,}|oy2[a-z0-9]{43}|dckr_[po]at_[\w-]{16,}",  # package registries
    r"SG\.[\w-]{16,}(?:\.[\w-]+)*|SK[0-9a-f]{32}|key-[0-9a-zA-Z]{32}",  # SendGrid, Twilio, Mailgun
    r"eyJ[\w-]{14,}(?:\.[\w=-]+)*|ops_eyJ[\w-]{14,}",  # JWT, 1Password
    r"do[oprt]_v1_\w{20,}|dapi[0-9a-f]{32}|HRKU-[\w-]{20,}",  # DigitalOcean, Databricks, Heroku
    r"\d{8,10}:[\w-]{35}(?![\w-])|[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}|mfa\.[\w-]{20,}",  # Telegram, Discord
    r"hv[sbr]\.[\w-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{20,}|pul-[0-9a-f]{40}",  # Vault, Terraform, Pulumi
    r"AGE-SECRET-KEY-1\w{20,}|sntry[su]_[\w=+/-]{20,}|gl(?:sa|c)_[\w=+/]{20,}|NRAK-\w{20,}|PMAK-[\w-]{30,}",
    r"amzn\.mws\.[0-9a-f-]{30,}|sq0(?:atp|csp)-[\w-]{20,}|EAA[A-Za-z0-9]{40,}|shp(?:at|ca|pa|ss)_\w{20,}|rzp_(?:live|test)_\w{14,}",
    r"AT(?:ATT|CTT|BB)\w[\w=-]{20,}|(?:secret|ntn)_[A-Za-z0-9]{40,}|lin_(?:api|oauth)_\w{20,}|figd_[\w-]{20,}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{20,}|pscale_\w+_[\w.-]{16,}|sbp_\w{30,}|sb_secret_\w{16,}",
    r"LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{13,}|fo1_[\w-]{20,}|CFPAT-[\w-]{20,}|bkua_\w{30,}|CCIPAT_\w{16,}",
)
_TOKEN: Final = r"\b(?:" + "|".join(_TOKENS) + ")"

# What makes a name that of a secret, anywhere in running text.
_NAMES: Final = (
    r"pass(?:word|wd|phrase|code)|(?<![a-z])pass|pwd|client[_.-]?secret|secret(?:[_.-]?(?:access[_.-]?)?key)?"
    r"|(?:api|access|private|account|shared[_.-]?access|signing|encryption|master|auth|session|license)[_.-]?key"
    r"|token|(?<![a-z])auth|authori[sz]ation|cookie|credentials?|(?<![a-z])(?:dsn|sig|jwt)|signature"
    r"|connection[_.-]?string|session[_.-]?secret"
)
_TAIL: Final = r"(?:[_.-]?(?:value|text|string|hash|header|b64|base64|\d{1,3}))?"
# No group is possessive: before Python 3.11.5 those match wrongly. None needs to be: nothing follows that could fail.
_VALUE: Final = (
    r"(?:[bru]{0,2}\"(?P<double>(?:[^\"\\]|\\.)+)|[bru]{0,2}'(?P<single>(?:[^'\\]|\\.)+)"
    r"|\\{1,3}\"(?P<escaped>[^\"\\]++)|(?P<braced>\{[^{}\s]++\})"
    r"|(?P<bare>(?:[^\s\"'&;,(){}\[\]<>\\]|[,(){}\[\]<>](?=[^\s\"',;(){}\[\]<>\\])|\\(?=[^\"'\s]))+))"
)
_ASSIGNED: Final = (
    rf"(?P<name>{_NAMES}){_TAIL}\\{{0,3}}[\"']?\]?(?P<separator>\s{{0,3}}(?:=>|:=|[=:])\s{{0,3}})"
    rf"(?P<scheme>(?:bearer|basic|token|digest|apikey)\s{{1,3}})?{_VALUE}"
)
_OPTION: Final = (
    rf"(?<![\w-])--?(?:[a-z][\w-]{{0,40}}?)??(?:(?<=-)(?:key|pat)|{_NAMES}){_TAIL}"
    rf"(?:[\"'],\s{{0,3}}(?=[\"'])|\s{{1,3}}|=)(?!-){_VALUE}"
)

_NOTHING: Final = frozenset({"none", "null", "nil", "true", "false", "undefined", "str", "string", "bytes", "int"})
_CODE: Final = r"[\w.]*\w[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z|\$\{?\w+\}?\Z|%\(?\w|\{\w*\}\Z|[*.…x<\[]+"
_GROUPS: Final = ("double", "single", "escaped", "braced", "bare")


class Shape(NamedTuple):
    """A pattern, and what takes the place of a match."""

    hint: str  # without which it cannot match; empty where there is none
    pattern: str
    replaced: Callable[[re.Match[str]], str]


def _all(_: re.Match[str]) -> str:
    return REDACTED


def _second(found: re.Match[str]) -> str:
    """The first group is kept."""
    return found[1] + REDACTED


def _long(found: re.Match[str]) -> str:
    """Forty characters as of an AWS secret: of every kind and without words, so neither a path nor a git sha."""
    value = found[0]
    upper, digits = sum(map(str.isupper, value)), sum(map(str.isdigit, value))
    lower = sum(map(str.islower, value))
    return REDACTED if upper >= 5 and lower >= 5 and digits and not re.search("[a-z]{7}", value) else value


def _userinfo(found: re.Match[str]) -> str:
    """`user:password@` loses its password; without a colon, what looks like a token."""
    user, password = found["user"], found["password"]
    if password is None:
        return found[0] if len(user) < 16 or user.isalpha() else REDACTED + "@"
    return f"{user}:{REDACTED}@" if password != REDACTED else found[0]


def _value(found: re.Match[str]) -> tuple[str, int, int]:
    group = next(name for name in _GROUPS if found[name] is not None)
    return group, *found.span(group)


def _without(found: re.Match[str], start: int, end: int) -> str:
    at = found.start()
    return found[0][: start - at] + REDACTED + found[0][end - at :]


def _option(found: re.Match[str]) -> str:
    group, start, end = _value(found)
    value = found[group]
    is_kept = value.lower().rstrip(".,:;") in PROSE or value.startswith(REDACTED) or REDACTED in value
    return found[0] if is_kept else _without(found, start, end)


def _assigned(found: re.Match[str]) -> str:
    group, start, end = _value(found)
    is_kept = _is_no_secret(found, group) if group == "bare" else _is_harmless(found[group])
    return found[0] if is_kept else _without(found, start, end)


def _is_harmless(value: str) -> bool:
    return value.lower() in _NOTHING or value.startswith(REDACTED) or not any(map(str.isalnum, value))


def _is_no_secret(found: re.Match[str], group: str) -> bool:
    """Of an unquoted value: code, a count, or a sentence that goes on after a colon."""
    value, name = found[group], found["name"].lower()
    is_call = found.string[found.end() : found.end() + 1] in ("(", "[")
    if is_call or _is_harmless(value) or re.match(_CODE, value) or value == found["name"] or value.startswith("~"):
        return True
    if name in ("token", "secret", "signature", "sig", "auth") and value.isdigit() and len(value) < 10:
        return True
    if name == "pwd" and value.startswith("/"):  # the working folder
        return True
    is_prose = ":" in found["separator"] and found["scheme"] is None
    if (
        is_prose
        and name.startswith(("pass", "pwd"))
        and found.string[found.end() : found.end() + 1] in ("", "\n", "\r")
    ):
        return value.lower() in PROSE | ORDINARY  # `password: hunter` on a line of its own
    return is_prose and len(value) < 20 and value.rstrip(".,:!?").isalpha()


SHAPES: Final = (
    Shape(
        "-----BEGIN",
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*+(?:-(?!----END)[^-]*+)*"
        r"(?:-----END[A-Z0-9 ]{0,60}-----)?",
        _all,
    ),
    Shape("PuTTY", r"(PuTTY-User-Key-File-\d[\s\S]{0,2000}?Private-Lines:)[\s\S]*+", _second),
    Shape("", r"(?i:((?:set-)?cookie[\"']?\s{0,3}[:=]\s{0,3}[\"']?))(?!\s)[^\r\n\"']{3,}", _second),
    Shape("://", r"(?<=://)(?P<user>[^\s/:@?#\"']{0,256})(?::(?P<password>[^\s/?#\"']{1,256}))?@", _userinfo),
    Shape("hook", r"((?:hooks\.slack\.com|hooks\.zapier\.com|webhook\.office\.com)/\w{1,32}/)[\w/@.-]+", _second),
    Shape("hook", r"(discord(?:app)?\.com/api/webhooks/\d{1,24}/)[\w-]+", _second),
    Shape(
        "=", r"(?i:([?&;](?:[\w.-]{0,40}[_.-])?(?:key|sig|signature|credential|token|auth|pat)=))[^&\s#\"'\]]+", _second
    ),
    Shape("login ", r"(\blogin\s{1,3}\S{1,128}\s{1,9}password\s{1,3})\S+", _second),  # of a netrc file
    Shape(" -u", r"(\s-u\s{0,2}[^\s:]{1,64}:)[^\s\"']+", _second),  # curl
    Shape("sshpass", r"(\bsshpass\s{1,3}-p\s{0,3})\S+", _second),
    Shape("mysql", r"(\bmysql\w{0,9}\s[^\n]{0,100}?\s-p)[^\s\"']+", _second),
    Shape("", rf"(?i:{_OPTION})", _option),
    Shape("", rf"(?i:{_ASSIGNED})", _assigned),
    Shape("_KEY", r"(_KEY[\"']?\s{0,3}[=:]\s{0,3}[\"']?)(?=[\w+/=.-]{0,64}\d)[\w+/=.-]{16,}", _second),
    Shape(
        "",
        r"(?i:\b((?:bearer|basic)\s{1,3}))(?=[\w.~+/-]{0,64}?(?:\d|[a-z][A-Z]|=|\.\w)|[\w.~+/-]{20})[\w.~+/=-]{8,}",
        _second,
    ),
    Shape("", _TOKEN, _all),
    Shape("", r"(?<![\w/+.-])[A-Za-z0-9/+]{40}(?![\w/+=.-])", _long),
)

# Whether any shape could match, asked of every text that was not seen before. Of a text with a separator the words
# are asked, too: in lower case and without boundaries that is much faster than as part of the pattern.
MARKS: Final = ("@", "-----BEGIN", "PuTTY-", "hook", "login ", " -u", "sshpass", "mysql")
HINT: Final = (
    r"\b(?:A[KSBC][IC]A|gh[pousr]_|github_pat_|gl[a-z]{1,5}[-_]|xox|xapp-|[srp]k_|sk-|whsec_"
    r"|AIza|ya29|GOCSPX|1//0|hf_|npm_|gsk_|r8_|fw_|csk|jina_|xai-|pplx-|nvapi-|tvly-|lsv2_|pypi-|rubygems_|oy2|dckr_"
    r"|SG\.|SK[0-9a-f]{8}|key-|eyJ|ops_|do[oprt]_v1|dapi|HRKU|mfa\.|hv[sbr]\."
    r"|pul-|AGE-SECRET|sntry|NRAK|PMAK|amzn|sq0|EAA|shp|rzp_|AT[ACB]|secret_|ntn_|lin_|figd_|dp\.|pscale_|sbp_"
    r"|sb_s|LTAI|AKID|fo1_|CFPAT|bkua_|CCIPAT|[Bb]earer |[Bb]asic |BEARER |BASIC )"
)
SHORTEST: Final = 14  # characters of what begins like that
# Those without a beginning of their own are longer than most texts.
LONG: Final = 40
LONG_HINT: Final = (
    r"\b(?:[A-Za-z0-9/+]{40}(?![\w/+=.-])|\d{8,10}:[\w-]{30}|[MNO][\w-]{23,27}\.[\w-]{6}\.|\w{14}\.atlasv1)"
)
WORDS: Final = (
    *("pass", "pwd", "secret", "token", "key", "auth", "cookie", "credential", "dsn", "sig", "jwt", "connection"),
    "pat=",
)
