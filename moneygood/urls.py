"""The identity of a web address: one spelling for all addresses of one page.

Not courlan's ``clean_url`` (installed with trafilatura): it drops parameters that
select content (``gallery``, ``uid``, ``keyword``) and bare ones (``?123456``),
reorders the rest, cuts an address inside another in two, and keeps http apart
from https.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

_ROUNDS = 8
_LONGEST = 8000
_TRACKING = frozenset((
    "_ga", "_gl", "_hsenc", "_hsmi", "__twitter_impression", "amp_gsa", "amp_js_v", "awc", "cmp",
    "cmpid", "cvid", "dclid", "embedded-checkout", "emc", "ex_cid", "fbclid", "ftag", "ftcamp",
    "gbraid", "gclid", "gclsrc", "guccounter", "guce_referrer", "guce_referrer_sig", "icid",
    "igsh", "igshid", "itid", "ito", "leadsource", "li_fat_id", "mbid", "mc_cid", "mc_eid",
    "mibextid", "mkt_tok", "msclkid", "ncid", "ns_campaign", "ns_linkname", "ns_mchannel",
    "ns_source", "ocid", "oly_anon_id", "oly_enc_id", "rdt_cid", "ref", "ref_src", "ref_url",
    "referrer", "s_cid", "sc_cid", "sfmc_id", "smid", "smtyp", "soc_src", "soc_trk", "sr_share",
    "sref", "srnd", "srsltid", "taid", "tpcc", "tsrc", ".tsrc", "ttclid", "twclid", "usqp",
    "vero_conv", "vero_id", "wbraid", "wt.mc_id", "xtor", "yclid",
))  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "at_campaign", "at_medium", "at_custom", "hsa_", "mtm_", "pk_")
_PERHAPS = frozenset((
    "campaign", "cid", "feature", "feed", "from", "mod", "outputtype", "partner", "rss", "siteid",
    "source", "src", "via",
))  # fmt: skip
_CAMPAIGN = re.compile(
    r"(?:amp|app|e?mail|facebook|fb|feed|google(?:news)?|home-?page|hp|linkedin|mw|newsletter"
    r"|push|reddit|rss|share|social|tw|twitter|whatsapp|x|yahoo|yhoo\w*|youtu\.be)?"
    r"(?:[-_ .|].*|\d*)$",
    re.I,
)
"""Values by which an ambiguous parameter gives itself away as tracking."""
_WRAPPERS = {
    "google.com/url": ("q", "url"),
    "news.google.com/news/url": ("url",),
    "news.url.google.com/news/url": ("url",),
    "bing.com/news/apiclick.aspx": ("url",),
    "l.facebook.com/l.php": ("u",),
    "lm.facebook.com/l.php": ("u",),
    "out.reddit.com": ("url",),
    "duckduckgo.com/l": ("uddg",),
    "linkedin.com/redir/redirect": ("url",),
}
_IN_PATH = (
    re.compile(r"^google\.[a-z.]{2,6}/amp/(?:s/)?(?P<rest>[^/?]+\.[^/?]+/.*)$"),
    re.compile(r"^[^/]+\.cdn\.ampproject\.org/[civ]/(?:s/)?(?P<rest>[^/?]+\.[^/?]+/.*)$"),
    re.compile(r"^go\.theregister\.com/feed/(?P<rest>[^/?]+\.[^/?]+/.*)$"),
)
_NEWS_ARTICLE = re.compile(r"^news\.google\.com/(?:rss/|__i/rss/rd/)?articles/(?P<code>[\w-]+)")
_SAME_SITE = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])")
_AMP_DATED = re.compile(r"^/amp(?=/(?:19|20)\d\d/)")
_AMP_END = re.compile(r"(?:/amp(?:\.html?)?|\.amp)/*$")
_SESSION = re.compile(r";jsessionid=[^/?#;]*", re.I)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\ufeff]+")
_SAFE = "%/:@!$&'()*+,;=~-._"


def canonical(url: str) -> str:
    """One spelling for all addresses of the same page; never raises, idempotent.

    Scheme (http is read as https), host, ``www.`` and mobile hosts, default port,
    fragment, tracking parameters, trailing slash, AMP forms, percent-encoding;
    the target of a redirect where the address itself names it. Parameters that
    may select content stay, in their order. For comparing, not for opening.
    What is no web address comes back stripped of white space.
    """
    for _ in range(_ROUNDS):
        found = _once(url)
        if found == url:
            break
        url = found
    return url


def _once(url: str) -> str:
    url = _INVISIBLE.sub("", url)
    if len(url) > _LONGEST or url[:4].lower() != "http":
        return url
    try:
        parts = urlsplit(url.replace("&amp;", "&"))
        host, port = _host(parts), parts.port
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not host:
        return url
    if target := _target(host, parts):
        return target
    path, query = _path(parts.path), _query(host, parts.query)
    return "".join(
        (
            "https://",
            host,
            f":{port}" if port not in (None, 80, 443) else "",
            path,
            f"?{query}" if query else "",
            # A hash-bang names a page; every other fragment a place in one.
            f"#{_spelling(parts.fragment, '?')}" if parts.fragment.startswith("!") else "",
        )
    )


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = quote(host, errors="replace")
    if ":" in host:
        return f"[{host}]"
    while (match := _SAME_SITE.match(host)) and match.end() < len(host):
        host = host[match.end() :]
    return host


def _target(host: str, parts: SplitResult) -> str:
    """The address that a redirecting address carries, or an empty string."""
    place = f"{host}{parts.path}".rstrip("/")
    if keys := _WRAPPERS.get(place):
        for key, value in _pairs(parts.query):
            if key.lower() in keys and _is_web(target := unquote(value)):
                return target
    if host.endswith(".safelinks.protection.outlook.com"):
        for key, value in _pairs(parts.query):
            if key == "url" and _is_web(target := unquote(value)):
                return target
    if match := _NEWS_ARTICLE.match(place):
        return _from_news_code(match["code"])
    whole = f"{host}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    for pattern in _IN_PATH:
        if match := pattern.match(whole):
            return f"https://{match['rest']}"
    return ""


def _is_web(url: str) -> bool:
    return url[:8].lower().startswith(("http://", "https://"))


def _from_news_code(code: str) -> str:
    """The address inside an older Google News code: tag, length, bytes."""
    try:
        data = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return ""
    if not data.startswith(b"\x08\x13\x22") or len(data) < 6:
        return ""
    length, start = data[3], 4
    if length & 0x80:
        length, start = (length & 0x7F) | data[4] << 7, 5
    target = data[start : start + length].decode("ascii", "replace")
    return target if _is_web(target) and target.isascii() else ""


def _path(path: str) -> str:
    path = _SESSION.sub("", path)
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            if len(segments) > 1:
                segments.pop()
        elif segment != ".":
            segments.append(segment)
    path = _spelling("/".join(segments))
    path = _AMP_DATED.sub("", path).replace(".amp.html", ".html")
    return _AMP_END.sub("", path).rstrip("/")


def _query(host: str, query: str) -> str:
    kept = [
        _spelling(piece, "?")
        for piece in query.split("&")
        if piece and not _is_tracking(host, *_split(piece))
    ]
    return "&".join(kept)


def _is_tracking(host: str, key: str, value: str) -> bool:
    key = unquote(key).lower().removeprefix("amp;")
    if key in _TRACKING or key.startswith(_TRACKING_PREFIXES):
        # A branch of a repository is chosen by ``ref``.
        return not (key == "ref" and host.startswith(("github.", "gitlab.", "api.github.")))
    if host == "news.google.com":
        return key in ("oc", "hl", "gl", "ceid")
    if key == "amp":
        return value in ("", "1", "true")
    return key in _PERHAPS and bool(value) and bool(_CAMPAIGN.match(unquote(value)))


def _pairs(query: str) -> list[tuple[str, str]]:
    return [_split(piece) for piece in query.split("&")]


def _split(piece: str) -> tuple[str, str]:
    key, _, value = piece.partition("=")
    return key, value


def _spelling(text: str, also: str = "") -> str:
    return quote(_ESCAPED.sub(_escape, text), safe=_SAFE + also, errors="replace")


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _PLAIN else f"%{match[1].upper()}"
