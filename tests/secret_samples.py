"""Kinds of secrets by name, each a text that a program may say and the part of it that nobody may read.

Built from parts, so that no scanner takes this file for a leak; none of them opens anything.
"""

import base64
import random
import string

_chance = random.Random(20)
_LETTERS = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def _some(length: int, of: str = _LETTERS) -> str:
    return "".join(_chance.choices(of, k=length))


def _key() -> str:
    """Forty characters as AWS makes them."""
    return "wJalr" + _some(15) + "/" + "K7MDE" + _some(4) + "Rf" + _some(8)


def _jwt() -> str:
    parts = [base64.urlsafe_b64encode(text).decode().rstrip("=") for text in (b'{"alg":"HS256"}', b'{"sub":"12345"}')]
    return ".".join([*parts, _some(43)])


def _pem(kind: str) -> str:
    body = "\n".join(_some(64) for _ in range(4))
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"


# A whole text is the secret.
PLAIN = {
    "AWS access key id": "AK" + "IA" + _some(16, string.ascii_uppercase),
    "AWS temporary key id": "AS" + "IA" + _some(16, string.ascii_uppercase),
    "AWS secret access key": _key(),
    "GitHub personal token": "gh" + "p_" + _some(36),
    "GitHub OAuth token": "gh" + "o_" + _some(36),
    "GitHub app token": "gh" + "s_" + _some(36),
    "GitHub fine-grained token": "github" + "_pat_" + _some(22) + "_" + _some(59),
    "GitLab token": "gl" + "pat-" + _some(20),
    "Slack bot token": "xo" + "xb-" + _some(12, string.digits) + "-" + _some(24),
    "Slack user token": "xo" + "xp-" + _some(12, string.digits) + "-" + _some(24),
    "Slack app token": "xa" + "pp-1-" + _some(10) + "-" + _some(40),
    "Stripe secret key": "sk" + "_live_" + _some(24),
    "Stripe restricted key": "rk" + "_live_" + _some(24),
    "Google API key": "AI" + "za" + _some(35),
    "Google OAuth token": "ya" + "29." + _some(60),
    "Google client secret": "GOC" + "SPX-" + _some(28),
    "OpenAI key": "sk" + "-" + _some(48),
    "OpenAI project key": "sk" + "-proj-" + _some(40) + "_" + _some(20),
    "Anthropic key": "sk" + "-ant-api03-" + _some(80),
    "Hugging Face token": "h" + "f_" + _some(34),
    "Groq key": "gs" + "k_" + _some(52),
    "npm token": "np" + "m_" + _some(36),
    "PyPI token": "py" + "pi-AgEIcHlwaS5vcmc" + _some(80),
    "SendGrid key": "S" + "G." + _some(22) + "." + _some(43),
    "Twilio key": "S" + "K" + _some(32, _HEX),
    "Mailgun key": "ke" + "y-" + _some(32, _HEX),
    "JWT": _jwt(),
    "RSA private key": _pem("RSA PRIVATE" + " KEY"),
    "PKCS 8 private key": _pem("PRIVATE" + " KEY"),
    "OpenSSH private key": _pem("OPENSSH PRIVATE" + " KEY"),
    "PGP private key": _pem("PGP PRIVATE" + " KEY BLOCK"),
    "DigitalOcean token": "do" + "p_v1_" + _some(64, _HEX),
    "Databricks token": "da" + "pi" + _some(32, _HEX),
    "Heroku key": "HR" + "KU-" + _some(36),
    "Telegram bot token": _some(10, "123456789") + ":AA" + _some(33),
    "Discord bot token": "M" + _some(25) + "." + _some(6) + "." + _some(38),
    "Vault token": "hv" + "s." + _some(90),
    "Terraform token": _some(14) + ".at" + "lasv1." + _some(67),
    "age key": "AGE-SEC" + "RET-KEY-1" + _some(58, string.ascii_uppercase + string.digits),
    "Shopify token": "shp" + "at_" + _some(32, _HEX),
    "Grafana token": "gl" + "sa_" + _some(32) + "_" + _some(8, _HEX),
    "Atlassian token": "AT" + "ATT3" + _some(60),
    "Linear key": "lin" + "_api_" + _some(40),
    "Docker token": "dc" + "kr_pat_" + _some(27),
    "New Relic key": "NR" + "AK-" + _some(27, string.ascii_uppercase),
    "1Password token": "ops" + "_ey" + "J" + _some(60),
}

_WORD = "Correct-" + "Horse7!"


def _around(before: str, secret: str, after: str = "") -> tuple[str, str]:
    return before + secret + after, secret


# A text in which a part is the secret.
INSIDE = {
    "Bearer header": _around("Bear" + "er ", _some(40)),
    "Basic header": _around("Bas" + "ic ", base64.b64encode(b"someone:" + _WORD.encode()).decode()),
    "Authorization header": _around("Authorization: Token ", _some(20), "\nAccept: */*"),
    "Cookie header": _around("Cookie: sid=", _some(24), "\nAccept: */*"),
    "Password in a URL": _around("https://someone:", _some(12), "@example.com/path?x=1"),
    "Token as user of a URL": _around("https://", _some(32, _HEX), "@errors.example.com/42"),
    "API key in a query": _around("https://example.com/v1?api_key=", _some(20), "&page=2"),
    "Key in a query": _around("https://example.com/v1?key=", _some(20), "&page=2"),
    "Signature in a query": _around("https://example.com/o?X-Amz-Signature=", _some(64, _HEX)),
    "Azure SAS": _around("https://a.blob.core.windows.net/c?sv=2022&sig=", _some(40) + "%3D"),
    "Azure storage": _around("DefaultEndpointsProtocol=https;AccountName=a;Account" + "Key=", _some(86) + "=="),
    "Azure service bus": _around("Endpoint=sb://a/;SharedAccessKeyName=r;SharedAccess" + "Key=", _some(43) + "="),
    "PostgreSQL connection": _around("postgresql://app:", _WORD[:-1], "@db.internal:5432/app"),
    "MySQL connection": _around("mysql+pymysql://app:", _some(14), "@db.internal/app"),
    "MongoDB connection": _around("mongodb+srv://app:", _some(14), "@cluster0.example.net/app"),
    "Redis connection": _around("redis://:", _some(14), "@cache.internal:6379/0"),
    "AMQP connection": _around("amqp://app:", _some(14), "@queue.internal:5672/"),
    "ODBC connection": _around("Driver={SQL Server};Server=db;Uid=app;Pw" + "d=", _some(14), ";Database=app"),
    "JDBC connection": _around("jdbc:postgresql://db/app?user=app&pass" + "word=", _some(14)),
    "Environment assignment": _around("OPENAI_API" + "_KEY=", _some(14), " python app.py"),
    "Exported variable": _around("export DB_PASS" + 'WORD="', _WORD, '"'),
    "AWS credentials file": _around("aws_secret_access" + "_key = ", _key()),
    "Option with equals sign": _around("app deploy --pass" + "word=", _WORD, " --force"),
    "Option with blank": _around("app deploy --to" + "ken ", _some(14), " --force"),
    "List of arguments": _around("['app', '--api" + "-key', '", _some(14), "', '--force']"),
    "JSON": _around('{"user": "someone", "pass' + 'word": "', _WORD, '", "n": 1}'),
    "JSON inside of JSON": _around('{"body": "{\\"client_sec' + 'ret\\": \\"', _some(20), '\\"}"}'),
    "Python dictionary": _around("{'user': 'someone', 'api" + "_key': '", _some(20), "'}"),
    "YAML": _around("database:\n  pass" + "word: ", _WORD, "\n  port: 5432"),
    "netrc file": _around("machine example.com login someone pass" + "word ", _some(14)),
    "curl with a user": _around("curl -u someone:", _some(14), " https://example.com"),
    "sshpass": _around("sshpass -p ", _some(14), " ssh example.com"),
    "mysql client": _around("mysql -u root -p", _some(14), " app"),
    "Line of a form": _around("user: someone\npass" + "word: ", "correcthorse", "\nhost: example.com"),
    "Slack webhook": _around("https://hooks.sl" + "ack.com/services/", f"T{_some(8)}/B{_some(8)}/{_some(24)}"),
    "Discord webhook": _around("https://disc" + "ord.com/api/webhooks/123456789012345678/", _some(68)),
}

SAMPLES: dict[str, tuple[str, str]] = {**{name: (text, text) for name, text in PLAIN.items()}, **INSIDE}


def pieces(secret: str) -> list[str]:
    """What must not be found: the secret itself, of several lines each."""
    return [line for line in secret.splitlines() if line and not line.startswith("-----")]
