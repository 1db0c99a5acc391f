#!/usr/bin/env python3
"""Makes src/limbo/weak-requests.ts: PKCS#10 requests that verify, with keys and signatures that nobody should certify.

OpenSSL makes what it can; moduli of a bad form are made here, and signed with plain arithmetic. Needs python3 and openssl.
    tools/make-weak-requests.py > src/limbo/weak-requests.ts
"""
import base64
import hashlib
import random
import subprocess
import tempfile

NAME = b"web.shop.svc.cluster.local"


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = (int(part) for part in text.split("."))
    octets = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, 0x80 | (arc & 0x7F))
        octets += bytes(groups)
    return der(6, octets)


NULL = der(5)


def info(spki):
    san = der(0x30, der(0x82, NAME))
    extension = der(0x30, oid("2.5.29.17"), der(4, san))
    attribute = der(0x30, oid("1.2.840.113549.1.9.14"), der(0x31, der(0x30, extension)))
    return der(0x30, integer(0), der(0x30), spki, der(0xA0, attribute))


HASHES = {
    "sha256": ("1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.2.1"),
    "sha1": ("1.2.840.113549.1.1.5", "1.3.14.3.2.26"),
    "md5": ("1.2.840.113549.1.1.4", "1.2.840.113549.2.5"),
}


def rsa_request(n, e, d, name="sha256"):
    """A request signed by RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1)."""
    signature_oid, digest_oid = HASHES[name]
    spki = der(0x30, der(0x30, oid("1.2.840.113549.1.1.1"), NULL), der(3, b"\0", der(0x30, integer(n), integer(e))))
    tbs = info(spki)
    digest_info = der(0x30, der(0x30, oid(digest_oid), NULL), der(4, hashlib.new(name, tbs).digest()))
    size = (n.bit_length() + 7) // 8
    padded = b"\0\1" + b"\xff" * (size - 3 - len(digest_info)) + b"\0" + digest_info
    signature = pow(int.from_bytes(padded, "big"), d, n).to_bytes(size, "big")
    return der(0x30, tbs, der(0x30, oid(signature_oid), NULL), der(3, b"\0", signature))


chance = random.Random(20261126)


def is_prime(n, rounds=24):
    for p in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29):
        if n % p == 0:
            return n == p
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(rounds):
        x = pow(chance.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, e):
    while True:
        p = chance.getrandbits(bits) | (3 << (bits - 2)) | 1
        if (p - 1) % e != 0 and is_prime(p):
            return p


def key_of(primes, e):
    n, phi = 1, 1
    for p in primes:
        n, phi = n * p, phi * (p - 1)
    return n, e, pow(e, -1, phi)


def roca_prime(e):
    """k * M + (65537^a mod M), the form of CVE-2017-15361 for primes of 1024 bits."""
    m, count, n = 1, 0, 2
    while count < 126:
        if all(n % q for q in range(2, int(n**0.5) + 1)):
            m, count = m * n, count + 1
        n += 1
    while True:
        k = chance.randrange((3 << 1022) // m, (1 << 1024) // m)
        p = k * m + pow(65537, chance.getrandbits(200), m)
        if p.bit_length() == 1024 and (p - 1) % e != 0 and is_prime(p):
            return p


def openssl(*commands):
    with tempfile.TemporaryDirectory() as folder:
        for command in commands:
            subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
        with open(f"{folder}/out.der", "rb") as file:
            return file.read()


REQ = f"openssl req -new -key key.pem -subj / -addext subjectAltName=DNS:{NAME.decode()} -outform DER -out out.der"
E = 65537
good = key_of([prime(1024, E), prime(1024, E)], E)
rsa_key = "openssl genrsa -out key.pem 2048"
requests = {
    "rsa1024": rsa_request(*key_of([prime(512, E), prime(512, E)], E)),
    "rsa512": rsa_request(*key_of([prime(256, E), prime(256, E)], E)),
    "rsaExponent3": rsa_request(*key_of([prime(1024, 3), prime(1024, 3)], 3)),
    "rsaSmallFactor": rsa_request(*key_of([743, prime(1024, E), prime(1016, E)], E)),
    "roca": rsa_request(*key_of([roca_prime(E), roca_prime(E)], E)),
    "sha1": rsa_request(*good, name="sha1"),
    "md5": rsa_request(*good, name="md5"),
    "rsaHonest": rsa_request(*good),
    "p224": openssl("openssl ecparam -name secp224r1 -genkey -noout -out key.pem", REQ),
    "secp256k1": openssl("openssl ecparam -name secp256k1 -genkey -noout -out key.pem", REQ),
    "brainpool": openssl("openssl ecparam -name brainpoolP256r1 -genkey -noout -out key.pem", REQ),
    "explicitCurve": openssl(
        "openssl ecparam -name prime256v1 -genkey -noout -param_enc explicit -out key.pem", REQ
    ),
    "ed448": openssl("openssl genpkey -algorithm ed448 -out key.pem", REQ),
    "dsa": openssl(
        "openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -out p.pem",
        "openssl genpkey -paramfile p.pem -out key.pem",
        REQ,
    ),
    "pss": openssl(rsa_key, f"{REQ} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32"),
    "pssOddSalt": openssl(rsa_key, f"{REQ} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20"),
    "pssKey": openssl("openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out key.pem", REQ),
}

print("// Made by tools/make-weak-requests.py; not to be edited by hand.")
print()
print("/** DER of PKCS#10 requests for web.shop.svc.cluster.local, as base64: each signed by the key it carries. */")
print("export const WEAK_REQUESTS = {")
for name, request in requests.items():
    print(f"  {name}:\n    '{base64.b64encode(request).decode()}',")
print("} as const;")
