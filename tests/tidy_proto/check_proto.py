#!/usr/bin/python3
"""Every field of the contract is documented, or this fails and names it.

A field on a line of its own is documented by a comment on that line or on the lines right above it. In a message written on one line each
field is explained by its name, above the message or behind it: "// code: stable; text: for a person." or "// first, last: days". A choice in a
oneof is documented by the comment above its message.
"""
import re
import sys

FIELD = re.compile(r"^\s*(repeated\s+)?([A-Za-z0-9_.]+)\s+([a-z0-9_]+)\s*=\s*(\d+)\s*(\[[^\]]*\])?\s*;")
MESSAGE = re.compile(r"^message\s+([A-Za-z0-9]+)\s*\{(.*)$")


def comment_above(lines, at):
    found = []
    while at > 0 and lines[at - 1].strip().startswith("//") and not lines[at - 1].strip().startswith("// ----"):
        at -= 1
        found.insert(0, lines[at].strip().lstrip("/").strip())
    return " ".join(found)


def explains(comment, field):
    return re.search(rf"\b{field}\b(, [a-z0-9_]+)*: \S", comment) is not None


def read(path):
    """Yields (line number, message, field, type, is documented, is a choice); field None stands for the message itself."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    message, choice = None, False
    for at, line in enumerate(lines):
        opened = MESSAGE.match(line)
        if opened:
            message = opened.group(1)
            comment = comment_above(lines, at) + " " + line.partition("//")[2].strip()
            yield at + 1, message, None, None, comment.strip() != "", False
            if "}" in opened.group(2):
                body, _, _ = opened.group(2).rpartition("}")
                for part in filter(None, (p.strip() for p in body.split(";"))):
                    field = FIELD.match(part + ";")
                    if not field:
                        sys.exit(f"{path}:{at + 1}: cannot read the field {part!r}: write one message a line, or one field a line")
                    yield at + 1, message, field.group(3), field.group(2), explains(comment, field.group(3)), False
                message = None
            continue
        if message is None:
            continue
        if re.match(r"^\s*oneof\s", line):
            choice = True
        elif re.match(r"^\s*\}", line):
            if choice:
                choice = False
            else:
                message = None
        else:
            field = FIELD.match(line)
            if field:
                behind = line[field.end():]
                yield at + 1, message, field.group(3), field.group(2), "//" in behind or comment_above(lines, at) != "", choice


def unexplained(paths):
    """How many fields there are, and a line for each that is not explained."""
    rows = [(path, *row) for path in paths for row in read(path)]
    documented_messages = {row[2] for row in rows if row[3] is None and row[5]}
    fields, missing = 0, []
    for path, line, message, field, kind, is_documented, is_choice in rows:
        if field is None:
            continue
        fields += 1
        if not is_documented and not (is_choice and kind in documented_messages):
            missing.append(f"{path}:{line}: {message}.{field} is not explained: say its shape, unit and source")
    return fields, missing


def main(paths):
    fields, missing = unexplained(paths)
    print("\n".join(missing + [f"{fields} fields, {len(missing)} not explained"]))
    if fields < 400:
        print("fewer fields than the contract has: this script no longer understands the files")
        return 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
