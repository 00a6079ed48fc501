"""What `juben publish` has written to the folder `index`, by the formats' own rules; a project that takes it by HTTP; and
archives that would write elsewhere. Arguments: the juben program, the folder that `packages` has made."""

import base64
import functools
import hashlib
import http.server
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import threading

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

JUBEN, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
INDEX = WORK / "index"
DENIED = 4


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def public_key(text):
    """minisign's form: two letters, the number of the key in eight bytes, the key."""
    whole = base64.b64decode(text, validate=True)
    assert whole[:2] == b"Ed" and len(whole) == 42, whole
    return whole[2:10], Ed25519PublicKey.from_public_bytes(whole[10:])


def verify(data, signature, key):
    """As `minisign -V` does it."""
    untrusted, signed, trusted, both = signature.decode().splitlines()
    assert untrusted.startswith("untrusted comment: ") and trusted.startswith("trusted comment: "), signature
    signed, (number, key) = base64.b64decode(signed, validate=True), public_key(key)
    kind, of, own = signed[:2], signed[2:10], signed[10:]
    assert of == number and len(own) == 64, signature
    key.verify(own, hashlib.blake2b(data).digest() if kind == b"ED" else data)
    key.verify(base64.b64decode(both, validate=True), own + trusted.removeprefix("trusted comment: ").encode())


def refuses(data, signature, key):
    try:
        verify(data, signature, key)
    except InvalidSignature:
        return True
    return False


def check_index():
    """The listing, its signature, the archive, its listing and the signature of that."""
    listing, [public] = (INDEX / "index.jsonl").read_bytes(), (WORK / "config/juben/keys").glob("*.pub")
    key = public.read_text().splitlines()[1]
    verify(listing, (INDEX / "index.jsonl.minisig").read_bytes(), key)
    *lines, last = listing.splitlines(keepends=True)
    assert json.loads(last) == {"sha256": sha256(b"".join(lines))}, last
    [line] = map(json.loads, lines)
    assert (line["name"], line["version"], line["key"]) == ("team/grants", "0.1.0", key), line
    archive = (INDEX / line["archive"]).read_bytes()
    assert line["sha256"] == sha256(archive), line

    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        members = tar.getmembers()
        files = {member.name: tar.extractfile(member).read() for member in members}
    assert all(m.isreg() and (m.mtime, m.uid, m.gid, m.mode) == (0, 0, 0, 0o644) for m in members), members
    assert list(files) == sorted(files), list(files)
    sums, signature = files.pop("package.sums"), files.pop("package.sums.minisig")
    assert sums.decode() == "".join(f"{sha256(text)}  {name}\n" for name, text in files.items()), sums
    assert files == {path.name: path.read_bytes() for path in (WORK / "grants").iterdir()}, list(files)
    verify(sums, signature, key)
    assert refuses(sums + b"\n", signature, key) and refuses(sums, signature.replace(b"file:", b"File:"), key)
    print("the index, the archive and both signatures are what their formats say")
    return INDEX / line["archive"]


def juben(folder, *arguments):
    """In a folder, with a cache of its own: how it ended, and what it said."""
    environment = os.environ | {"JUBEN_CACHE": str(folder / ".cache")}
    run = subprocess.run([JUBEN, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def project(name, settings=""):
    folder = WORK / name / "project"
    folder.mkdir(parents=True)
    (folder / "juben.toml").write_text(settings)
    return folder


class Server(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def take_by_http(archive):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=INDEX))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = f'[[index]]\nname = "team"\nurl = "http://127.0.0.1:{server.server_port}"\n'

    first = project("first", settings)
    code, _, said = juben(first, "add", "team/grants", "--yes")
    assert code == 0, said
    (first / "titles.rhai").write_text('import "team/grants" as grants;\nprint(grants::titles().len);\n')
    run = ["run", "titles.rhai", "--sandbox"]
    code, printed, said = juben(first, *run, "--allow", "read:novel.list_books")
    assert code == 0 and int(printed) > 0, (printed, said)
    code, printed, said = juben(first, *run, "--allow", "read:drama.list_dramas")
    assert code == DENIED and not printed and "novel.list_books" in said, (code, printed, said)
    print("a project takes the package by HTTP, and runs it with the right that it asks for")

    whole = archive.read_bytes()
    middle = len(whole) // 2
    archive.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:])
    second = project("second", settings)
    code, _, said = juben(second, "add", "team/grants", "--yes")
    archive.write_bytes(whole)
    assert code == DENIED and "grants-0.1.0.tar.gz" in said, (code, said)
    assert not (second / "juben.lock").exists() and (second / "juben.toml").read_text() == settings
    server.shutdown()
    print("an archive with a changed byte is refused")


def link(name, kind, target):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, None


def file(name, text=b"outside\n"):
    member = tarfile.TarInfo(name)
    member.size = len(text)
    return member, text


def refuse_evil():
    """Each has all that a package has, and something besides."""
    evil = {
        "above": [file("../evil")],
        "absolute": [file(f"{WORK}/evil")],
        "backslash": [file("..\\evil")],
        "symlink": [link("evil", tarfile.SYMTYPE, "../../evil")],
        "hardlink": [link("evil", tarfile.LNKTYPE, "../evil")],
        "through": [link("evil", tarfile.SYMTYPE, str(WORK)), file("evil/evil")],
        "device": [link("evil", tarfile.CHRTYPE, "")],
        "pipe": [link("evil", tarfile.FIFOTYPE, "")],
        "twice": [file("README.md")],
        "capitals": [file("readme.MD")],
    }
    good = [file(path.name, path.read_bytes()) for path in sorted((WORK / "grants").iterdir())]
    for name, members in {"good": [], **evil}.items():
        folder = project(f"bad-{name}")
        with tarfile.open(folder / "grants.tar.gz", "w:gz", format=tarfile.USTAR_FORMAT) as tar:
            for member, text in good + members:
                tar.addfile(member, text and io.BytesIO(text))
        before = everything()
        code, _, said = juben(folder, "add", "--archive", "grants.tar.gz", "--yes")
        if not members:
            assert code == 0 and (folder / "juben.lock").exists(), (code, said)
            continue
        shown = members[0][0].name.replace("\\", "\\\\")
        assert code != 0 and f"`{shown}`" in said, (name, code, said)
        assert not (folder / "juben.lock").exists() and not (folder / "juben.toml").read_text(), name
        written = {path for path in everything() - before if folder / ".cache" not in [path, *path.parents]}
        assert not written and not list((folder / ".cache").rglob("*.rhai")), (name, written)
    print(f"{len(evil)} archives that are not what they should be are refused, and nothing of them is written")


def everything():
    return set(WORK.rglob("*"))


take_by_http(check_index())
refuse_evil()
