#!/usr/bin/env python3
"""Runs juben beside the peers of the bench kit:
kit.py KIT [start|list|memory|script|upload|grant|ahead ...] [--rounds N] [--juben PROGRAM ...]

All rows of a table take turns (A B C A B C ...), so that they see the same machine; the first round is not counted.
Wall time is taken outside; CPU time and peak memory are what the system counted for the whole process. Several programs
may be given to compare builds of juben: `--juben old --juben new`."""
import argparse
import os
import re
import shlex
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PORT = 28941  # as in juben.toml

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("kit", type=Path, help="the folder of the kit, built as its README says")
options.add_argument("tables", nargs="*", default=["start", "list", "memory", "script", "upload", "grant", "ahead"])
options.add_argument("--rounds", type=int, help="counted rounds [default: 40 of start, 1 of memory, 9 of the others]")
options.add_argument("--juben", action="append", help="a program to measure [default: target/release/juben]")
options.add_argument("--only", default="", metavar="REGEX", help="rows to run, besides juben's")
options = options.parse_args()

KIT = options.kit.resolve()
BUILT = Path(re.search(r'target-dir = "(.*)"', (KIT / ".cargo/config.toml").read_text())[1]).parent
PYTHON = BUILT / "venv/bin/python"
SCRIPTS = KIT / "script/peers"
VIDEO = BUILT / "v500.mp4"
TABLE = BUILT / "grants.csv"
STATE = BUILT / "state"  # on the same disk as the video, whatever the user's own is


def jubens(arguments, what="juben"):
    programs = options.juben or [str(HERE.parent / "target/release/juben")]
    name = lambda program: f"{what} ({program})" if len(programs) > 1 else what
    return {name(program): f"{Path(program).resolve()} {arguments}" for program in programs}


def tables():
    job = lambda client, job, flags: f"{BUILT}/target/release/{client} {job} --base 127.0.0.1:{PORT} {flags}"
    upload = f"upload --base http://127.0.0.1:{PORT} --conc 4 --file {VIDEO}"
    grant = f"grant --base http://127.0.0.1:{PORT}"
    s3 = f"http://127.0.0.1:{PORT}/s3"
    reqwest = f"{BUILT}/target/release/rq list --base 127.0.0.1:{PORT} --rt current"
    keeping = "env GLIBC_TUNABLES=glibc.malloc.trim_threshold=268435456:glibc.malloc.mmap_threshold=268435456:glibc.malloc.top_pad=16777216"
    python = lambda library: f"{PYTHON} {KIT}/peers/py_client.py {library} list --base http://127.0.0.1:{PORT}"
    rhai = lambda work: {"bare Rhai with sync": f"{BUILT}/bin/rhai_loop-sync-meta {work}"}
    return {
        "start": {
            "ten-line Rhai host": f"{BUILT}/bin/rhai_hello {SCRIPTS}/hello.rhai",
            **jubens("run hello.rhai"),
            "nothing (/bin/true)": "/bin/true",
            "python3 -I -S": f"{sys._base_executable} -I -S {SCRIPTS}/hello.py",
        },
        "list": {
            "reqwest, Value, current_thread": reqwest,
            **jubens("run count.rhai"),
            **jubens("run list.rhai", "juben, every record looked into"),
            "reqwest, malloc keeps memory": f"{keeping} {reqwest}",
            "pycurl": python("pycurl"),
            "requests": python("requests"),
        },
        "memory": {
            **jubens("run list.rhai", "juben, 1000 pages"),
            **jubens("run list.rhai --arg pages=10000", "juben, 10,000 pages"),
        },
        "upload": {
            "hyper stream c4": job("hy", "upload", f"--conc 4 --src stream --file {VIDEO}"),
            **jubens(f"run upload.rhai {VIDEO} --state {STATE}"),
            "reqwest stream c4": job("rq", "upload", f"--conc 4 --src stream --file {VIDEO}"),
            "curl --parallel 4": f"env BASE=http://127.0.0.1:{PORT} {KIT}/peers/curl_upload.sh parallel 4",
            "pycurl c4": f"{PYTHON} {KIT}/peers/py_client.py pycurl {upload}",
            "boto3 c4": f"{PYTHON} {KIT}/peers/s3_upload.py {VIDEO} 4 {s3}",
            "rclone c4": f"rclone copyto {VIDEO} :s3:bkt/a.mp4 --s3-provider Other --s3-endpoint {s3} --s3-access-key-id x"
            " --s3-secret-access-key y --s3-chunk-size 5M --s3-upload-cutoff 5M --s3-upload-concurrency 4"
            " --s3-no-check-bucket --s3-no-head --ignore-checksum --s3-disable-checksum --ignore-times --retries 1"
            " --config /dev/null",
        },
        "grant": {
            "reqwest c1": job("rq", "grant", ""),
            **jubens(f"run grant.rhai {TABLE}"),
            "reqwest c1, current_thread": job("rq", "grant", "--rt current"),
            "pycurl c1": f"{PYTHON} {KIT}/peers/py_client.py pycurl {grant}",
        },
        "grant4": {
            "reqwest c4": job("rq", "grant", "--conc 4"),
            **jubens(f"run grant.rhai {TABLE} --arg at_once=4", "juben, 4 at once"),
            "aiohttp c4": f"{PYTHON} {KIT}/peers/py_client.py aiohttp {grant} --conc 4",
        },
        "ahead": {
            **jubens("run ahead.rhai --arg ahead=1", "juben, one page at a time"),
            **jubens("run ahead.rhai --arg ahead=4", "juben, four pages at a time"),
        },
        "calls": {**rhai("calls 1000000"), **jubens("run calls.rhai --timeout 600")},
        "loop": {**rhai("loop 1000000"), **jubens("run loop.rhai --timeout 600")},
        "fib": {**rhai("fib 27"), **jubens("run fib.rhai --timeout 600")},
    }


def run(command, peak_file):
    """Wall seconds, CPU seconds and, if there is a file to write it to, peak megabytes of one run."""
    words = shlex.split(command)
    if peak_file:
        # A child of Python itself would begin with Python's own peak. A start is too short for a process more.
        words = ["/usr/bin/time", "-q", "-f", "%M", "-o", peak_file, *words]
    silent = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    begin = time.perf_counter()
    child = os.posix_spawnp(words[0], words, {**os.environ, "JUBEN_BENCH_SECRET": "mock"}, file_actions=silent)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    if status:
        sys.exit(f"failed: {command}")
    peak = int(Path(peak_file).read_text()) / 1024 if peak_file else float("nan")
    return wall, used.ru_utime + used.ru_stime, peak


def measure(rows, rounds, with_peak):
    results = {name: [] for name in rows}
    with tempfile.NamedTemporaryFile() as peak:
        for turn in range(rounds + 1):
            for name, command in rows.items():
                result = run(command, peak.name if with_peak else None)
                if turn:
                    results[name].append(result)
    return results


def show(title, results):
    """The first row is what the others are compared with, round by round."""
    first = next(iter(results.values()))
    print(f"\n## {title}\n\n| row | wall, of the first row | CPU, of the first row | wall s | CPU s | peak MB |\n|---|---|---|---|---|---|")
    for name, result in results.items():
        wall, cpu, peak = (statistics.median(values) for values in zip(*result))
        cells = [f"{ratio(result, first, 0)} | {ratio(result, first, 1)}", f"{wall:.4f}", f"{cpu:.4f}", "-" if peak != peak else f"{peak:.1f}"]
        print(f"| {name} | {' | '.join(cells)} |")


def ratio(rows, first, column):
    """The median of the rounds' ratios, and the range of the middle half."""
    each = sorted(row[column] / other[column] for row, other in zip(rows, first))
    low, high = each[len(each) // 4], each[-1 - len(each) // 4]
    return f"{statistics.median(each):.2f} ({low:.2f}..{high:.2f})"


def serve(flags):
    command = [f"{BUILT}/target/release/mockapi", "--port", str(PORT), *flags]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    for _ in range(100):
        time.sleep(0.1)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0 and server.poll() is None:
                return server
    sys.exit(f"the mock server did not start: is port {PORT} taken?")


def main():
    os.chdir(HERE)
    os.environ.pop("AWS_CA_BUNDLE", None)  # rclone takes no bundle for plain HTTP
    grants = (f"book,bk{n:08},wx0123456789abcdef,1900000000" for n in range(20000))
    TABLE.write_text("\n".join(["kind,item,grantee,expires_at", *grants]) + "\n")
    several = {"script": ["calls", "loop", "fib"], "grant": ["grant", "grant4"]}
    names = [name for table in options.tables for name in several.get(table, [table])]
    for name in names:
        server = serve(["--latency-ms", "20"] if name == "ahead" else [])
        try:
            keep = lambda row: "juben" in row or "Rhai" in row or re.search(options.only, row)
            rows = {row: command for row, command in tables()[name].items() if keep(row)}
            rounds = options.rounds or {"start": 40, "memory": 1}.get(name, 9)
            show(f"{name}, {rounds} rounds", measure(rows, rounds, name != "start"))
        finally:
            server.terminate()
            server.wait()


main()
