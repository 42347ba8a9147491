#!/usr/bin/env python3
"""Writes seeds for the fuzzer: inputs that reach deep, one file each.

seeds.py DIRECTORY   (then: build/release/tests/fuzz/fuzz_probe -merge=1 tests/fuzz/corpus DIRECTORY)
"""
import gzip
import hashlib
import pathlib
import struct
import sys
import zlib

HTTP1, HTTP2, TUNNEL, SOCKS, URL, COOKIES, DIGEST, OAUTH, DNS, ENGINE, JSONPATH = range(11)
# HEAD and POST and GET; in small pieces and at once.
SCRIPTS = [0x10, 0x12, 0x17, 0x07, 0x0F, 0x37, 0x57, 0x97]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def field(name: bytes, value: bytes) -> bytes:
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def http1() -> list[bytes]:
    ok = b"HTTP/1.1 200 OK\r\n"
    text = b"hello " * 40
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    bodies = {b"gzip": gzip.compress(text), b"deflate": zlib.compress(text), b"x-gzip": gzip.compress(text) * 2,
              b"gzip, gzip": gzip.compress(gzip.compress(text)), b"deflate,identity": raw.compress(text) + raw.flush(),
              b"br": bytes.fromhex("0b028068656c6c6f03"), b"zstd": bytes.fromhex("28b52ffd240529000068656c6c6f4275e1cd"),
              b"gzip, br": b"\x0b\x02\x80hello\x03", b"utf-8": text}
    answers = [
        ok + b"Content-Length: 5\r\n\r\nhello",
        ok + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=\"b\"\r\n!\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 404\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + ok + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nrest",
        ok + b"Content-Length: 5, 5\r\nX: a\r\n b\r\n\r\nhello" + ok + b"Content-Length: 0\r\n\r\n",
        ok + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
    ]
    for coding, body in bodies.items():
        answers.append(ok + b"Content-Encoding: " + coding + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
    return answers


def http2() -> list[bytes]:
    hello = frame(4, 0, 0)
    status = b"\x88"
    coded = gzip.compress(b"hello " * 40)
    return [
        hello + frame(4, 1, 0) + frame(1, 5, 1, status),
        hello + frame(1, 4, 1, status + field(b"x", b"y")) + frame(0, 0, 1, b"hel") + frame(0, 1, 1, b"lo"),
        hello + frame(1, 4, 1, field(b":status", b"103")) + frame(1, 0, 1, status) + frame(9, 4, 1, field(b"a", b"b")) + frame(0, 1, 1, b""),
        hello + frame(1, 4, 1, status + field(b"content-encoding", b"gzip")) + frame(0, 9, 1, b"\x03" + coded + b"\0\0\0"),
        hello + frame(1, 4, 1, status) + frame(0, 0, 1, b"x") + frame(1, 5, 1, field(b"t", b"u")),
        hello + frame(6, 0, 0, b"12345678") + frame(8, 0, 0, b"\0\0\1\0") + frame(3, 0, 1, b"\0\0\0\7"),
        hello + frame(7, 0, 0, struct.pack(">II", 1, 0)) + frame(1, 5, 1, status),
        hello + frame(1, 5, 1, status) + frame(1, 5, 3, status) + frame(1, 5, 5, status),
        hello + frame(1, 37, 1, b"\0\0\0\0\x10" + status) + frame(2, 0, 1, b"\0\0\0\0\1") + frame(5, 4, 1, b"\0\0\0\2\x82"),
        frame(4, 0, 0, struct.pack(">HIHI", 1, 0, 4, 0x7FFFFFFF)) + frame(1, 4, 1, status + field(b"content-length", b"5")) + frame(0, 1, 1, b"hello"),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ]


def dns() -> list[bytes]:
    question = b"\1a\4test\0\0\1\0\1"

    def reply(code: int, *records: bytes, answers: int | None = None) -> bytes:
        return struct.pack(">HHHHHH", 7, 0x8180 | code, 1, len(records) if answers is None else answers, 0, 0) + question + b"".join(records)

    def record(kind: int, data: bytes, name: bytes = b"\xc0\x0c") -> bytes:
        return name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data

    alias = b"\1b\xc0\x0e"
    return [reply(0, record(1, b"\x7f\0\0\1"), record(1, b"\n\0\0\1")), reply(0, record(28, bytes(16))), reply(3), reply(2), reply(0),
            reply(0, record(5, alias), record(1, b"\x7f\0\0\1", b"\xc0\x24")), reply(0, b"\xc0\x0c", answers=1),
            reply(0, record(6, b"\0\0" + bytes(20))), b"\0\7\x81\x80" + b"\xff" * 30]


# Steps of the engine's server (tests/fuzz/engine.cpp).
def send(data: bytes, turn: bool = True) -> bytes:
    steps = [bytes([0 if turn else 16, len(part) - 1]) + part for part in (data[i : i + 256] for i in range(0, len(data), 256))]
    return b"".join(steps)


def pieces(data: bytes, size: int) -> bytes:
    return b"".join(send(data[i : i + size]) for i in range(0, len(data), size))


def phrase(which: int) -> bytes:
    return bytes([6, which])


def engine() -> list[bytes]:
    turn, echo, close, reset, half, following, refuse = (bytes([code]) for code in (0x1F, 7, 8, 9, 10, 11, 13))
    ok, hello, location = phrase(0), phrase(9), phrase(1)
    prior_knowledge = 3
    answer = ok + hello
    coded = gzip.compress(b"hello " * 2000)
    filler = bytes([5, 255, 97])

    def settings(route: int = 0, request: int = 0, server: int = 0) -> bytes:
        return bytes([route, request, server])

    plain = settings()
    scripts = [plain + answer, plain + pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 7), plain + close, plain + reset, plain + half,
               plain + ok + reset, plain + ok + hello[:1], plain + refuse, settings(server=8), settings(server=8) + ok, settings(server=12) + answer,
               plain + ok + b"\x06\x0a" + send(b"5\r\nhello\r\n0\r\n\r\n"), plain + ok + send(b"\r\n") + filler + filler * 2 + close,
               plain + (location + close) * 11, plain + phrase(2) + close + answer, plain + phrase(3) + close + answer,
               plain + phrase(4) + close + answer, plain + phrase(15) + close + answer, plain + send(b"HTTP/1.1 500 X\r\n\r\n") + echo + close,
               plain + phrase(12) + answer, settings(request=0x80) + ok + send(b"X: yyy\r\nContent-Length: 17\r\n\r\n{\"a\":[{\"b\":2}]}") + close,
               settings(request=0x20) + answer * 2, settings(request=0x20) + answer + close + answer, settings(request=0x21) + answer + reset + answer,
               settings(request=2) + answer, settings(request=1, server=4) + answer,
               plain + ok + phrase(11) + send(b"Content-Length: %d\r\n\r\n" % len(coded) + coded)]
    # Two layers that unfold to 512 MiB of a third one's header, which is nothing.
    bomb = gzip.compress(gzip.compress(b"\x1f\x8b\x08\x08" + bytes(5) + b"\3" + b"n" * (512 << 20), mtime=0), mtime=0)
    scripts.append(plain + b"\x0e" + send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb, turn=False))
    for body in http1()[-9:]:
        scripts += [plain + send(body), plain + pieces(body, 50)]
    # Names: by the server itself, and by the script.
    scripts += [settings(0x80) + answer, settings(0x80, server=0x10) + answer, settings(0x80, server=0x20) + answer]
    for reply in (b"\x81\x80\0\1\0\0\0\0\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1", b"\x81\x83" + bytes(6), b"\x81\x82" + bytes(6), b"\x81\x80\0\1\0\0\0\0\xc0",
                  b"\x81\x80\0\1\0\0\0\0\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xa9\xfe\xa9\xfe", b"\x83\x80" + bytes(6)):
        step = bytes([12, len(reply)]) + reply
        scripts.append(settings(0x80, server=0x12) + step + answer)
        scripts.append(settings(0x80, server=2) + step + step + answer)
    # HTTP/2 by prior knowledge, proxies, digest, OAuth, TLS.
    for frames in http2():
        scripts += [settings(prior_knowledge) + send(frames), settings(prior_knowledge, 0x20) + pieces(frames, 11)]
    scripts += [settings(8) + answer, settings(8, 0x10) + phrase(7) + close, settings(8, 0x10, 1) + phrase(7) + answer, settings(12) + phrase(8) + answer,
                settings(12) + send(b"\5\2") + send(b"\1\0") + send(b"\5\0\0\1" + bytes(6)) + answer, settings(12) + send(b"\5\xff"),
                settings(0x20) + phrase(5) + close + answer, settings(0x20) + (phrase(5) + close) * 2, settings(0x40) + phrase(6) + close + answer,
                settings(0x40, 0x20) + phrase(6) + close + answer + close + phrase(5) + close + phrase(6) + close + answer,
                settings(0x40) + send(b"HTTP/1.1 401 No\r\n\r\n{\"error\":\"invalid_client\"}") + close,
                settings(0x10) + send(b"HTTP/1.1 500 X\r\nX-Echo: ") + echo + close]
    for request in (0x10, 0x50, 0x30):
        for route in (0, 1, 2):
            scripts += [settings(route, request) + answer, settings(route, request) + answer + half, settings(route, request) + ok + reset,
                        settings(route, request) + send(http2_answer())]
    scripts += [settings(request=0x10, server=1) + send(b"HTTP/1.1 400 Bad\r\n\r\n"), settings(request=0x10, server=1) + send(b"\x15\3\3\0\2\2\x28"),
                settings(request=0x10, server=1) + send(b"\x16\3\3\0\4\2\0\0\0"), settings(request=0x10, server=9), plain + turn + following + echo + answer]
    return scripts


def http2_answer() -> bytes:
    return frame(4, 0, 0) + frame(4, 1, 0) + frame(1, 4, 1, b"\x88") + frame(0, 1, 1, b"hello")


def main() -> None:
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    inputs = [bytes([target, script]) + answer for target, answers in ((HTTP1, http1()), (HTTP2, http2()))
              for answer in answers for script in SCRIPTS]
    for script in SCRIPTS:
        inputs += [bytes([TUNNEL, script]) + answer for answer in (
            b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 407 No\r\nContent-Length: 3\r\n\r\nno!", b"HTTP/1.1 503 X\r\n\r\n")]
        inputs += [bytes([SOCKS, script]) + answer for answer in (
            b"\5\0\5\0\0\1" + bytes(6), b"\5\0\5\0\0\3\3abc" + bytes(2), b"\5\2\1\0\5\0\0\4" + bytes(18), b"\5\0\5\5\0\1" + bytes(6))]
    inputs += [bytes([URL]) + text.encode() for text in (
        "http://example.com/", "HTTPS://user:p@b\u00fccher.example:8443/a/../b?c#d", "http://[::1]:80/", "//other/x", "../up/./x?y", "?q",
        "http://127.0.0.1/%zz", "\\\\evil\\x", " http://a b/", "http://xn--bcher-kva.example/", "mailto:x")]
    inputs += [bytes([COOKIES]) + text for text in (
        b"a=1; Domain=.example.com; Path=/a; Secure; HttpOnly; Max-Age=60\nb=2; Expires=Wed, 25 Nov 2026 00:00:10 GMT",
        b"__Host-a=1; Secure; Path=/\n__Secure-b=2; Secure\n=x\na=; Max-Age=-1", b"Sun Nov  6 08:49:37 1994")]
    inputs += [bytes([DIGEST]) + text for text in (
        b'Digest realm="r", nonce="n\\"q", qop="auth, auth-int", algorithm=SHA-256-sess, opaque="o", stale=true, userhash=true',
        b'Basic realm="x", Digest realm=r, nonce=n, Negotiate abc==\nDigest nonce="n", algorithm=SHA-512-256, qop=auth')]
    inputs += [bytes([OAUTH]) + text for text in (
        b'{"access_token":"abc","token_type":"Bearer","expires_in":3600.5}', b'!{"error":"invalid_client"}', b'[[[[{"a":"\\u00e9"}]]]]')]
    inputs += [bytes([DNS]) + message for message in dns()]
    inputs += [bytes([JSONPATH]) + path.encode() + b'\0{"a":[{"b":2,"c":"x"},{"b":1.5}],"d":null}' for path in (
        "$", "$.a[0].b", "$..b", "$.a[?@.b > 1 && match(@.c, 'x.*')]", "$['a','d'][-1:0:-2]", "$.a[?!(@.b == 2 || count(@.*) != 1)].c",
        "$.a[?length(@.c) == 1]", '$["\\ud83d\\ude00"]', "$.a[?value(@..b) <= 1e1]", "$[?search(@.c, $.d)]", "$.a[", "$.a[01]")]
    inputs += [bytes([ENGINE]) + script for script in engine()]
    for data in inputs:
        (directory / hashlib.sha1(data).hexdigest()).write_bytes(data)
    print(f"{len(inputs)} seeds in {directory}")


main()
