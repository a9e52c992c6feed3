"""What a response is put together from: the fields that this client acts on, and what may stand in them."""

from __future__ import annotations

NAMES = (
    "Authentication-Info",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Keep-Alive",
    "Location",
    "Set-Cookie",
    "Transfer-Encoding",
    "WWW-Authenticate",
)

WORDS = (
    *("chunked", "identity", "gzip", "deflate", "br", "zstd", "x-gzip"),
    *("close", "keep-alive", "timeout=5", "max=0"),
    *("0", "5", "-1", "+5", "99999999999", "1e9", "0x5"),
    *("/next", "//other.example/", "http://u:p@other.example/", "https://[::1]:8/", "http://127.1", ".."),
    *("http://%0d%0a:p@h.example/", "http://a%3Ab@h.example/", "http://h.example:99999/", "ftp://h/", "http:///x"),
    *("?x", "#y", "%zz"),
    *("sid=1", "__Host-a=b", "__Secure-a=b", "; Path=/", "; Secure", "; Domain=example"),
    *("; Domain=server.example", "; Max-Age=0", "; Max-Age=99999999999999999999"),
    *("; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "; Expires="),
    *("Digest ", "Basic ", "realm=", 'realm="r"', 'nonce="n"', "nonce=", 'nextnonce="n2"', 'opaque="o"'),
    *("qop=auth", 'qop="auth-int"', "stale=true", "userhash=true", "charset=UTF-8"),
    *("algorithm=SHA-512-256-sess", "algorithm=MD5-sess", "algorithm=X"),
    *('"', "\\", ",", ";", "=", " ", "\t", "\x00", "\x01", "\x7f", "\x80", "\xe9", "\xc3\xa9"),
)
