#!/usr/bin/env python3
"""Writes OUT.S and OUT.cpp: every file below DIRECTORY by .incbin, and a sorted
table `openseer::embedded::SYMBOL()` of them (base/embedded.h).

usage: embed.py SYMBOL DIRECTORY OUT --compress|--plain
"""
import gzip
import hashlib
import os
import subprocess
import sys

COMPRESSIBLE = {".html", ".js", ".css", ".json", ".svg", ".txt", ".map", ".ico", ".webmanifest"}


def brotli(path: str) -> bytes:
    return subprocess.run(["brotli", "-q", "11", "-c", path], check=True, capture_output=True).stdout


def main() -> None:
    symbol, directory, out, mode = sys.argv[1:5]
    os.makedirs(out + ".d", exist_ok=True)
    assembly, rows, count = ['.section .rodata', '.section .note.GNU-stack,"",@progbits', ".section .rodata"], [], 0

    def blob(path: str) -> str:
        nonlocal count
        name = f"openseer_{symbol}_{count}"
        count += 1
        escaped = path.replace("\\", "\\\\").replace('"', '\\"')
        assembly.append(f'.balign 16\n.globl {name}\n.hidden {name}\n{name}:\n.incbin "{escaped}"')
        return name

    externs = []

    def view(path: str) -> str:
        size = os.path.getsize(path)
        if size == 0:
            return "{}"
        name = blob(path)
        externs.append(f'extern "C" __attribute__((visibility("hidden"))) const char {name}[];')
        return f"{{{name}, {size}}}"

    for root, _, files in sorted(os.walk(directory)):
        for name in sorted(files):
            path = os.path.join(root, name)
            relative = os.path.relpath(path, directory)
            data = open(path, "rb").read()
            digest = hashlib.sha256(data).hexdigest()[:32]
            forms = [view(os.path.abspath(path)), "{}", "{}"]
            if mode == "--compress" and os.path.splitext(name)[1] in COMPRESSIBLE and len(data) > 512:
                for i, packed in ((1, brotli(path)), (2, gzip.compress(data, 9, mtime=0))):
                    if len(packed) < len(data) * 0.95:
                        target = f"{out}.d/{digest}.{'br' if i == 1 else 'gz'}"
                        with open(target, "wb") as f:
                            f.write(packed)
                        forms[i] = view(os.path.abspath(target))
            quoted = relative.replace("\\", "\\\\").replace('"', '\\"')
            rows.append((relative, f'{{"{quoted}", "{digest}", {forms[0]}, {forms[1]}, {forms[2]}}}'))
    rows.sort()
    with open(out + ".S", "w") as f:
        f.write("\n".join(assembly) + "\n")
    with open(out + ".cpp", "w") as f:
        f.write('#include "base/embedded.h"\n\n' + "\n".join(externs) + "\n\nnamespace openseer::embedded {\n")
        f.write(f"std::span<const File> {symbol}() {{\n  static const std::array<File, {len(rows)}> files{{{{\n")
        f.write("".join(f"      {row},\n" for _, row in rows) + "  }};\n  return files;\n}\n}\n")


main()
