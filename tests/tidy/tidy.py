#!/usr/bin/env python3
"""tidy.py - the rules of this tree that a compiler does not know. One argument: which of the CHECKS below; `all` runs every one.

Every complaint is "file:line: what is wrong; what to do". What was too long before its limit came stands in `grandfathered`, with the
size it has: that list may only shrink. Exemptions from the search for personal data stand in `exempt`, each with its reason.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
CLANG_FORMAT_VERSION = "14."
SPELL_IGNORE = "fo,ue,ot,nd,te,crate,hist,childs,parm,inout,creat,wont,doesnt,re-used,iif,ba,datas,mis,checkin,ser,sav,caf,hart,fof,ons,daa,upto,nown,nin,wight,mapp,childrens"

# word (a regular expression) -> what to use
BANNED = [
    (r"\bstrcpy\s*\(", "snprintf or hub_buffer_put"),
    (r"\bstrcat\s*\(", "hub_buffer_put_text"),
    (r"\bstrncpy\s*\(", "snprintf: strncpy may leave the end off"),
    (r"\bsprintf\s*\(", "snprintf"),
    (r"\bvsprintf\s*\(", "vsnprintf"),
    (r"\bgets\s*\(", "fgets"),
    (r"\balloca\s*\(", "an arena or a bounded array"),
    (r"(?<![_\w])s?rand\s*\(", "host_random_fill"),
    (r"\bstrtok\s*\(", "strtok_r"),
    (r"\batoi\s*\(", "strtol, and look at the end"),
    (r"\batol\s*\(", "strtol, and look at the end"),
    (r"\blocaltime(_r)?\s*\(", "core_calendar_day: civil time on purpose"),
    (r"\bmktime\s*\(", "core_calendar: mktime moves the gap and picks a side of the fold silently"),
    (r"\bgmtime\s*\(", "gmtime_r, or core/civil.h"),
    (r"\bsystem\s*\(", "posix_spawn"),
    (r"\bassert\s*\(", "HUB_ASSERT: kept in release"),
    (r"\busleep\s*\(", "a timer, or a condition: tests do not sleep"),
]
BANNED_EXCEPT = {"static_assert("}
# The rules' own text names what it forbids.
UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

PURE_FOLDERS = ["hub/core", "hub/base", "hub/event"]
IMPURE_HEADERS = {"time.h", "sys/time.h", "unistd.h", "fcntl.h", "pthread.h", "threads.h", "signal.h", "sys/stat.h", "sys/random.h",
                  "sys/socket.h", "poll.h", "dirent.h", "uv.h", "zmq.h", "sqlite3.h", "hiredis.h", "hiredis/hiredis.h", "curl/curl.h"}
IMPURE_CALLS = r"\b(fopen|fread|fwrite|fputs|fputc|printf|fprintf|vfprintf|puts|getline|time|clock|clock_gettime|getenv|randombytes_\w+|random)\s*\("
PURE_EXCEPT = {
    "hub/base/status.c",            # hub_assert_failed says the broken condition before it ends the process
    "hub/event/make_field_table.c", # a program of the build, not of the hub
}

# folder -> which libraries of ours its modules and programs may use, and whether a loop is in its headers. Other people's libraries under HIDDEN
# are its own affair. A folder without a row fails: what it may use is decided before it is used.
MESSAGE = ["hub_base", "hub_event", "hub_messages"]
MAPPING = [*MESSAGE, "hub_formats"]
BORDERS = {
    "hub/base": [],
    "hub/host": ["hub_base"],
    "hub/event": ["hub_base", "hub_messages"],
    "hub/yaml": ["hub_base", "hub_host"],
    "hub/json": MESSAGE,
    "hub/core": MESSAGE,
    "hub/policy": [*MESSAGE, "hub_host", "hub_core", "hub_yaml"],
    "hub/rehearse": [*MESSAGE, "hub_json", "hub_yaml", "hub_core", "hub_policy"],
    "hub/journal": [*MESSAGE, "hub_host"],
    "hub/fold": [*MESSAGE, "hub_host", "hub_core", "hub_policy", "hub_yaml", "hub_journal"],
    "hub/bus": [*MESSAGE, "hub_host", "PkgConfig::uv"],
    "hub/metrics": ["hub_base", "PkgConfig::uv"],
    "hub/http": ["hub_base", "hub_host", "PkgConfig::uv"],
    "hub/fetch": ["hub_base"],
    "hub/signin": ["hub_base", "hub_host", "hub_yaml", "hub_fetch", "PkgConfig::uv"],
    "hub/board": [*MESSAGE, "hub_host", "hub_json", "hub_yaml", "hub_core", "hub_policy", "hub_bus", "hub_http", "hub_signin", "hub_metrics",
                  "PkgConfig::uv"],
    "hub/daemon": [*MESSAGE, "hub_host", "hub_core", "hub_policy", "hub_yaml", "hub_journal", "hub_fold", "hub_bus", "hub_metrics", "PkgConfig::uv"],
    "hub/conform": [*MESSAGE, "hub_host", "hub_json", "hub_bus", "PkgConfig::uv"],
    # mashctl speaks with the hub, reads its files and tries an adapter's: it may use everything but a board and a server.
    "hub/cli": [*MESSAGE, "hub_host", "hub_json", "hub_yaml", "hub_core", "hub_policy", "hub_rehearse", "hub_journal", "hub_fold", "hub_bus",
                "hub_link", "hub_kit", "hub_mappings", "hub_daemon", "hub_conform", "PkgConfig::uv"],
    "adapters/link": [*MESSAGE, "hub_host"],
    "adapters/formats": [*MESSAGE, "PkgConfig::jansson"],
    "adapters/kit": [*MESSAGE, "hub_host", "hub_json", "hub_yaml", "hub_bus", "hub_http", "hub_fetch", "hub_link", "PkgConfig::uv"],
    "adapters/police": MAPPING,
    "adapters/health": MAPPING,
    "adapters/probation": MAPPING,
    "adapters/education": MAPPING,
    "adapters/children": MAPPING,
    "adapters/adults": MAPPING,
    "adapters/table": [*MAPPING, "hub_yaml", "hub_json"],
    "adapters/outbound": [*MAPPING, "hub_host", "hub_json", "hub_yaml", "hub_bus", "hub_link", "hub_kit", "hub_fetch", "hub_metrics", "PkgConfig::uv"],
    "adapters": [*MESSAGE, "hub_host", "hub_json", "hub_yaml", "hub_bus", "hub_metrics", "hub_link", "hub_kit", "hub_police", "hub_health",
                 "hub_probation", "hub_education", "hub_children", "hub_adults", "hub_formats", "hub_table", "PkgConfig::uv"],
}
# An adapter speaks with the hub by the bus only, whatever its row says.
ADAPTER_FORBIDDEN = ["hub_core", "hub_policy", "hub_journal", "hub_fold", "hub_daemon"]

# A figure that a person reads, and what it is worked out from: page, words around it, file, and there a constant's name or what to count.
FIGURES = [
    ("README.md", r"conformance`: ([\d,]+) duties", "hub/conform/conform.h", r"^    X\("),
    ("proto/README.md", r"the (\w+) files in `mash/v1/`", "proto/mash/v1/", r"\.proto$"),
    ("proto/README.md", r"and ([\d,]+) ways not to", "tests/system_wiring/candidate.py", r'fault [!=]= "([a-z-]+)"'),
    ("proto/README.md", r"largest frame the hub reads \(([\d,]+) MiB", "hub/bus/frames.h", "BUS_FRAME_BYTES_MAX"),
    ("proto/README.md", r"At most ([\d,]+) questions of a session", "hub/daemon/shell.h", "DAEMON_QUESTIONS_MAX"),
    ("proto/README.md", r"`Publish` with up to ([\d,]+) items", "hub/bus/frames.h", "BUS_PUBLISH_ITEMS_MAX"),
    ("proto/README.md", r"kept \(up to ([\d,]+), newest first", "hub/bus/position.h", "BUS_POSITIONS_KEPT"),
    ("proto/README.md", r"frames of at most ([\d,]+) items", "hub/daemon/tail.c", "RECORDS_A_JOB"),
    ("proto/README.md", r"At most ([\d,]+) tails a session", "hub/daemon/tail.c", "TAILS_MAX"),
    ("proto/README.md", r"an event has at most ([\d,]+) bytes packed", "hub/event/event.h", "EVENT_BYTES_MAX"),
    ("proto/README.md", r"bytes packed, ([\d,]+) subjects", "hub/event/event.h", "EVENT_SUBJECTS_MAX"),
    ("proto/README.md", r"subjects, ([\d,]+) bytes in a text", "hub/event/limits.c", "TEXT_BYTES"),
    ("proto/README.md", r"At most ([\d,]+) levels of nesting", "hub/event/wire.h", "EVENT_WIRE_DEPTH_MAX"),
    ("proto/README.md", r"nesting and ([\d,]+) fields", "hub/event/wire.h", "EVENT_WIRE_FIELDS_MAX"),
    ("proto/README.md", r"`recorded_at` is more than ([\d,]+) days ago", "hub/event/event.h", "EVENT_AGE_DAYS_MAX"),
    ("proto/README.md", r"somebody of more than ([\d,]+) years", "hub/event/event.h", "EVENT_AGE_YEARS_MAX"),
    ("deploy/RUNBOOK.md", r"share a screen: at most ([\d,]+) queues", "hub/board/config.h", "BOARD_QUEUES_MAX"),
    ("config/hips/board/board.yaml", r"One board shows at most ([\d,]+) queues", "hub/board/config.h", "BOARD_QUEUES_MAX"),
    ("ARCHITECTURE.md", r"at most ([\d,]+) relatives", "hub/core/decide.h", "CORE_RELATIVES_MAX"),
    ("ARCHITECTURE.md", r"in their newest ([\d,]+) events", "hub/core/policy.h", "CORE_HISTORY_LOOKED_AT_MAX"),
    ("ARCHITECTURE.md", r"A count in a rule looks at a person's ([\d,]+) newest", "hub/core/policy.h", "CORE_HISTORY_LOOKED_AT_MAX"),
    ("ARCHITECTURE.md", r"A record key for every record, ([\d,]+) to a page", "hub/journal/journal.h", "JOURNAL_KEYS_PER_PAGE"),
    ("ARCHITECTURE.md", r"the newest ([\d,]+) keys with their addresses", "hub/daemon/shell.h", "DAEMON_STRANGERS_MAX"),
    ("ARCHITECTURE.md", r"make more than ([\d,]+) facts", "hub/core/core.h", "CORE_DECISION_FACTS_MAX"),
]
UNITS = {"MiB": 1024 * 1024}
NUMBER_WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]

CODE_FOLDERS = ("hub/", "adapters/", "tests/")
complaints = []


def complain(path, line, text):
    complaints.append(f"{path}:{line}: {text}" if line else f"{path}: {text}")


def tracked():
    """Files of the project: what git knows or would take; without git, everything but build folders."""
    try:
        out = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True)
        return sorted(p for p in set(out.stdout.splitlines()) if os.path.isfile(os.path.join(ROOT, p)))
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [f for f in folders if f not in ("build", ".git", ".quickstart")]
            found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names]
        return sorted(found)


FILES = tracked()
CODE = [p for p in FILES if p.endswith((".c", ".h")) and p.startswith(CODE_FOLDERS)]


def lines(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as f:
        return f.read().split("\n")


def bare(path):
    """Lines of C without comments and the insides of strings, so that words there are not taken for code."""
    text = "\n".join(lines(path))
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S).split("\n")


def check_pure():
    for path in CODE:
        if not path.startswith(tuple(f + "/" for f in PURE_FOLDERS)):
            continue
        for number, line in enumerate(lines(path), 1):
            m = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if m and m.group(1) == "stdio.h" and path.startswith("hub/core/"):
                complain(path, number, "stdio.h in the core; hub_format of base/bytes.h formats")
            if m and (m.group(1) in IMPURE_HEADERS or m.group(1).startswith(("host/", "bus/", "journal/"))):
                complain(path, number, f"{m.group(1)} in a pure folder; time and ids arrive inside the command, I/O belongs to hub/host")
        if path in PURE_EXCEPT:
            continue
        for number, line in enumerate(bare(path), 1):
            m = re.search(IMPURE_CALLS, line)
            if m and not re.search(r"__attribute__|->|\.\s*" + m.group(1), line):
                complain(path, number, f"{m.group(1)}() in a pure folder; the shell around the core does that")


def check_banned():
    for path in CODE:
        for number, line in enumerate(bare(path), 1):
            for word, instead in BANNED:
                m = re.search(word, line)
                if m and path.startswith("tests/") and m.group(0).startswith(("ato", "system", "rand", "srand")):
                    continue  # a test's own tables, helpers and seeds
                if m and not any(x in line.replace(" ", "") for x in BANNED_EXCEPT):
                    complain(path, number, f"{m.group(0)}...) is not used here; use {instead}")


def check_unfinished():
    for path in FILES:
        if path.endswith((".gz", ".png", ".bin")):
            continue
        for number, line in enumerate(lines(path), 1):
            for word in UNFINISHED:
                if re.search(rf'(?<!")\b{word}\b', line):
                    complain(path, number, f"{word}: finish it, or take it out and say so where users look")


def grandfathered():
    allowed = {}
    for number, line in enumerate(lines("tests/tidy/grandfathered"), 1):
        line = line.split("#")[0].strip()
        if line:
            size, what = line.split(None, 1)
            allowed[what] = (int(size), number)
    return allowed


def ratchet(kind, sizes, limit):
    """sizes: name -> (path, line, size)."""
    allowed = {k: v for k, v in grandfathered().items() if k.startswith(kind + " ")}
    for name, (path, line, size) in sorted(sizes.items()):
        most, at = allowed.pop(f"{kind} {name}", (limit, 0))
        if size > most:
            complain(path, line, f"{size} lines, and {most} is the limit; make two of it")
        elif at and size <= limit:
            complain("tests/tidy/grandfathered", at, f"{name} is within the limit now: take this line out")
        elif at and size < most:
            complain("tests/tidy/grandfathered", at, f"{name} has {size} lines now: lower the figure")
    for name, (_, at) in allowed.items():
        complain("tests/tidy/grandfathered", at, f"{name} is no more: take this line out")


def check_function_length():
    sizes = {}
    for path in CODE:
        if not path.endswith(".c"):
            continue
        text = lines(path)
        start = None
        for number, line in enumerate(text, 1):
            if line == "{":
                start = number
            elif line.startswith("}") and start:
                head = " ".join(text[max(0, start - 8):start - 1])
                names = re.findall(r"(\w+)\s*\(", head.rsplit("}", 1)[-1].rsplit(";", 1)[-1])
                name = names[0] if names else "?"
                sizes[f"{path}:{name}"] = (path, start, number - start + 1)
                start = None
    ratchet("function", sizes, FUNCTION_LINES_MAX)


def check_file_length():
    ratchet("file", {p: (p, 1, len(lines(p)) - 1) for p in CODE}, FILE_LINES_MAX)


def check_guards():
    for path in CODE:
        if not path.endswith(".h"):
            continue
        folder, name = os.path.split(path)
        guard = re.sub(r"[^A-Z0-9]", "_", f"{os.path.basename(folder)}_{name[:-2]}".upper()) + "_H"
        text = "\n".join(lines(path))
        if not re.search(rf"^#ifndef {guard}\n#define {guard}$", text, re.M):
            complain(path, 1, f"the guard is to be {guard}")


def check_headers_alone():
    build = os.environ.get("MASHHUB_BUILD", os.path.join(ROOT, "build", "release"))
    exposed = os.path.join(build, "include")
    if not os.path.isdir(exposed):
        complain(build, 0, "no build folder; run ctest from one, or set MASHHUB_BUILD")
        return
    flags = ["-I" + os.path.join(exposed, d) for d in sorted(os.listdir(exposed))]
    flags += ["-isystem", os.path.join(build, "generated"), "-I" + os.path.join(ROOT, "tests", "support")]
    flags += subprocess.run(["pkg-config", "--cflags", "libuv", "libprotobuf-c", "libxml-2.0", "sqlite3", "libzmq", "hiredis", "cmocka", "jansson"],
                            capture_output=True, text=True, check=True).stdout.split()
    with open(os.path.join(ROOT, "cmake", "modules.cmake"), encoding="utf-8") as f:
        warnings = re.findall(r"(?<=\s)-W[\w-]+", f.read())
    headers = [p for p in CODE if p.endswith(".h") and not p.startswith("tests/")]
    for path in headers:
        source = f'#include "{os.path.join(ROOT, path)}"\ntypedef int header_alone;\n'
        done = subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", '-DMASHHUB_VERSION="0"', "-fsyntax-only", "-x", "c", "-", *warnings, *flags],
                              input=source, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            first = next((x for x in done.stderr.splitlines() if "error" in x), done.stderr[:200])
            complain(path, 0, f"does not compile alone: {first}")


def check_borders():
    seen = set()
    for path in FILES:
        if not path.endswith("CMakeLists.txt") or not path.startswith(("hub/", "adapters/")):
            continue
        folder = os.path.dirname(path)
        seen.add(folder)
        if folder not in BORDERS:
            complain(path, 0, f"no border says what {folder} may use; give it a row in BORDERS of tests/tidy/tidy.py")
            continue
        text = re.sub(r"#.*", "", "\n".join(lines(path)))
        parts = re.findall(r"hub_(?:module|program)\(\s*([\w-]+)([^)]*)\)", text)
        own = {f"hub_{name}" for name, _ in parts}
        for name, body in parts:
            lists = dict(re.findall(r"\b(NEEDS|HIDDEN)\b(.*?)(?=\bNEEDS\b|\bHIDDEN\b|\bSOURCES\b|$)", body, re.S))
            uses = lists.get("NEEDS", "").split() + [x for x in lists.get("HIDDEN", "").split() if x.startswith("hub_")]
            for use in sorted(set(uses) - own):
                if use not in BORDERS[folder]:
                    complain(path, 0, f"{name} may not use {use}: its border is {' '.join(BORDERS[folder]) or 'nothing'}")
                if path.startswith("adapters/") and use in ADAPTER_FORBIDDEN:
                    complain(path, 0, f"an adapter may not use {use}: it speaks with the hub by the bus only")
    for folder in sorted(set(BORDERS) - seen):
        complain("tests/tidy/tidy.py", 0, f"{folder} is no module any more: take its row out of BORDERS")


def figure_in(path, what):
    """The value of a constant named `what`, or how many different places match it when it is no name; None: not found."""
    if path.endswith("/"):
        return sum(p.startswith(path) and re.search(what, p) is not None for p in FILES) or None
    text = "\n".join(lines(path))
    if not re.fullmatch(r"[A-Z_]+", what):
        found = re.findall(what, text, re.M)
        return (len(set(found)) if re.compile(what).groups else len(found)) or None
    value = re.search(rf"\b{what}\s*=\s*([\d *]+)[,\s}}]", text)
    return None if value is None else eval(value.group(1))  # digits and * alone: see the pattern


def check_figures():
    """Numbers typed into pages that people read: they are those of the code, or they are wrong."""
    for page, words, path, what in FIGURES:
        text = "\n".join(lines(page))
        said, real = re.search(words, text), figure_in(path, what)
        if said is None or real is None:
            complain("tests/tidy/tidy.py", 0, f"FIGURES: /{words if said is None else what}/ is not in {page if said is None else path} any more; mend the row or take it out")
            continue
        word = said.group(1).replace(",", "")
        number = NUMBER_WORDS.index(word) if word in NUMBER_WORDS else int(word)
        number *= next((size for unit, size in UNITS.items() if said.group(0).endswith(unit)), 1)
        if number != real:
            complain(page, text[:said.start(1)].count("\n") + 1, f"says {said.group(1)}; {path} has {real:,}")


def check_changelog():
    """Merges keep both sides: what both have stands twice."""
    seen = {}
    for number, line in enumerate(lines("CHANGELOG.md"), 1):
        if line.startswith("- ") and seen.setdefault(line, number) != number:
            complain("CHANGELOG.md", number, f"stands on line {seen[line]} already; take one out")


def exempt():
    found = set()
    for line in lines("tests/tidy/exempt"):
        line = line.split("#")[0].strip()
        if line:
            found.add(line)
    return found


def nhs_number_holds(digits):
    total = sum(int(d) * w for d, w in zip(digits[:9], range(10, 1, -1)))
    check = (11 - total % 11) % 11
    return check != 10 and check == int(digits[9])


def check_privacy():
    allowed = exempt()
    for path in FILES:
        if path.endswith((".gz", ".png")) or path.startswith("tests/tidy/"):
            continue
        for number, line in enumerate(lines(path), 1):
            for m in re.finditer(r"(?<![\w.-])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![\w.-]*\d)", line):
                digits = "".join(m.groups())
                if digits[0] == "0" or digits.startswith("999") or digits in allowed or not nhs_number_holds(digits):
                    continue
                complain(path, number, "reads like an NHS number; synthetic ones are of the 999 range")
            for m in re.finditer(r"\b([A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})\b", line):
                if not m.group(1).startswith("ZZ99") and m.group(1) not in allowed:
                    complain(path, number, "reads like a postcode; synthetic ones begin with ZZ99")
            for m in re.finditer(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", line):
                if not m.group(1).endswith((".test", ".example", ".service")) and m.group(0) not in allowed:
                    complain(path, number, "a mail address outside .test")


def check_places():
    for path in FILES:
        if path.endswith(".gz") or path.startswith("tests/tidy/"):
            continue
        for number, line in enumerate(lines(path), 1):
            m = re.search(r"(?<![\w$}.])/(work|home|root|Users|mnt)/\w+", line)
            if m:
                complain(path, number, f"{m.group(0)}: a path of one machine")


def check_spelling():
    if shutil.which("codespell") is None:
        print("codespell is not installed: skipped")
        return
    texts = [p for p in FILES if p.endswith((".c", ".h", ".md", ".proto", ".yaml", ".cmake", ".txt", ".py", ".sh")) and not p.startswith("tests/samples/")]
    for at in range(0, len(texts), 200):
        done = subprocess.run(["codespell", "-L", SPELL_IGNORE, *texts[at:at + 200]], cwd=ROOT, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            complaints.append(line)


def check_format():
    tool = shutil.which("clang-format-14") or shutil.which("clang-format")
    if tool is None:
        print("clang-format is not installed: skipped")
        return
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if f"version {CLANG_FORMAT_VERSION}" not in version:
        print(f"clang-format {CLANG_FORMAT_VERSION}x is the pinned one: skipped")
        return
    for at in range(0, len(CODE), 50):
        done = subprocess.run([tool, "--dry-run", "-Werror", *CODE[at:at + 50]], cwd=ROOT, capture_output=True, text=True, check=False)
        places = sorted(set(re.findall(r"^([\w./-]+):(\d+):\d+: error", done.stderr, re.M)))
        for path in sorted({p for p, _ in places}):
            complain(path, min(int(n) for p, n in places if p == path), f"not as formatted; {os.path.basename(tool)} -i {path}")


def check_units():
    """What systemd would only say into its log: a setting in a section that does not know it is none."""
    if shutil.which("systemd-analyze") is None:
        print("systemd is not installed: skipped")
        return
    with tempfile.TemporaryDirectory() as folder:
        for unit in (p for p in FILES if p.startswith("deploy/systemd/")):
            with open(os.path.join(ROOT, unit), encoding="utf-8") as file:
                text = re.sub(r"^ExecStart=/usr/bin/\S+", "ExecStart=/bin/true", file.read(), flags=re.M)
            instance = os.path.join(folder, os.path.basename(unit).replace("@", "@hips"))
            with open(instance, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", instance], capture_output=True, text=True, check=False)
            for line in (done.stdout + done.stderr).splitlines():
                place = re.match(r".*/[^/:]+:(\d+): (.*)", line)
                complain(unit, int(place.group(1)) if place else 1, place.group(2) if place else line)


# program -> the sections of deploy/packages that a machine has which only runs it
RUN_SECTIONS = {"mashhubd": ["run"], "mashctl": ["run"], "mash-adapter": ["run"], "mash-board": ["run", "board"]}


def check_packages():
    """A library that a program needs and that the machine which only runs it would not have: it would not start there."""
    build = os.environ.get("MASHHUB_BUILD", os.path.join(ROOT, "build", "release"))
    if shutil.which("dpkg-query") is None:
        print("this is no Debian: skipped")
        return
    sections = {}
    for line in lines("deploy/packages"):
        section, _, names = line.partition(": ")
        sections.setdefault(section, set()).update(names.split())
    # In every Debian, or a part of what every C program has.
    always = {"libc6", "libgcc-s1"}
    for program, wanted in RUN_SECTIONS.items():
        have = always.union(*(sections[section] for section in wanted))
        told = subprocess.run(["objdump", "-p", os.path.join(build, "bin", program)], capture_output=True, text=True, check=True).stdout
        needed = re.findall(r"NEEDED\s+(\S+)", told)
        if not needed:
            complain("deploy/packages", 1, f"{program} needs no library at all: this check looks at the wrong thing")
        for library in needed:
            owners = subprocess.run(["dpkg-query", "-S", f"*/{library}"], capture_output=True, text=True, check=False).stdout
            packages = set(re.findall(r"^([^:\s]+)(?::\S+)?: ", owners, flags=re.M))
            # Of clang's own runtime, which a sanitized build has, no package of Debian's speaks.
            if packages and not packages & have:
                complain("deploy/packages", 1, f"{program} needs {library} of {' or '.join(sorted(packages))}; name it under {' or '.join(wanted)}")


CHECKS = {name[len("check_"):]: function for name, function in list(globals().items()) if name.startswith("check_")}


def main():
    wanted = sys.argv[1:] or ["all"]
    for name in CHECKS if wanted == ["all"] else wanted:
        if name not in CHECKS:
            print(f"checks: {' '.join(CHECKS)} all")
            return 2
        CHECKS[name]()
    print("\n".join(complaints) if complaints else "tidy")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
