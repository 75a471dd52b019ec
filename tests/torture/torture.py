"""The parts of run.sh. Each does something brutal a number of times and looks afterwards whether anything is missing, twice, torn or stuck."""
import argparse
import csv
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

COBRA, ROOT = os.environ["COBRA"], pathlib.Path(os.environ["ROOT"])
SMALL = ["--image-size", "16", "--threads", "1", "--quiet"]
HANG = 300
rng = random.Random(17)


class Tally:
    """What came of one part."""

    def __init__(self, part):
        self.part, self.tried, self.lost, self.crashed, self.hung, self.notes = part, 0, 0, 0, 0, []

    def note(self, text):
        if len(self.notes) < 5:
            self.notes.append(text)

    def lose(self, text):
        self.lost += 1
        self.note("lost: " + text)

    def judge(self, code, error, allowed=(0,)):
        """A program may do its work or say why not: no signal of its own, no stack trace, no defect."""
        if code is None:
            self.hung += 1
            self.note("hung")
        elif code not in allowed or any(word in error for word in ("Unhandled exception", "   at CobraAD", "defect of cobra", "Aborted")):
            self.crashed += 1
            self.note(f"ended with {code}: {error.strip()[-300:]}")


def run(arguments, **more):
    """Runs cobra to its end: code (None when it hangs) and what it said."""
    process = subprocess.Popen([COBRA, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True, **more)
    try:
        output, error = process.communicate(timeout=HANG)
        return process.returncode, output, error
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, "", "no end"


def kill_after(arguments, seconds, **more):
    """Runs cobra and kills it after a time; true when it was still at work."""
    process = subprocess.Popen([COBRA, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **more)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def timed(arguments, **more):
    start = time.monotonic()
    code, output, error = run(arguments, **more)
    if code != 0:
        sys.exit(f"cobra {' '.join(map(str, arguments))} ended with {code}: {error}")
    return time.monotonic() - start


class Setting:
    """Images and a small model, made once."""

    def __init__(self, folder):
        self.folder = folder
        files = ROOT / "tests/CobraAD.Tests/Compatibility/Files"
        shutil.copytree(files / "parts", folder / "parts")
        self.parts, self.configuration = folder / "parts", files / "configurations"
        self.model, self.onnx = folder / "model.cobra", folder / "model.onnx"
        shutil.copy(files / "cobra-paper.cobra", self.model)
        timed(["export", self.model, "-o", self.onnx, "--quiet"])
        self.images = sorted(self.parts.rglob("*.png"))

    def train(self, output):
        # The preset repeats a small folder until it has its hundreds of updates; here a few serve.
        options = json.loads((self.configuration / "checkpoint.json").read_text())
        quick = self.folder / "train.json"
        quick.write_text(json.dumps({**options, "itemsPerEpoch": 0}))
        return ["train", self.parts, "-o", output, "--preset", "fast", "--config", quick, *SMALL]

    def evaluate(self, state):
        return ["evaluate", self.model, self.parts, "--epsilon", "4/255", "--attack", "fgsm pgd:steps=100", "--batch-size", "4", "--save-every", "0", "--state", state, "--threads", "1", "--json", "--quiet"]

    def pretrain(self, output):
        return ["pretrain", self.parts / "test", "-o", output, "--preset", "tiny", "--config", self.configuration / "backbone.json", *SMALL]

    def reproduce(self, store):
        data = self.folder / "data"
        if not data.exists():
            data.mkdir()
            (data / "fmnist").symlink_to(ROOT / "src/CobraAD/Datasets/Demo")
        return ["reproduce", "table2", "--data", data, "--store", store, "--budget", "smoke", "--datasets", "fmnist", "--classes", "1", "--methods", "deepsvdd", "--threads", "1", "--quiet"]


def resumable(tally, count, command, again, output, check):
    """Kills a command at random moments of its run and lets it go on each time; at last it must come to its end, and nothing may ever be torn."""
    duration = timed(command)
    reference = check(output)
    clear(output)
    for _ in range(count):
        tally.tried += 1
        if not kill_after(again() if pathlib.Path(str(output) + ".checkpoint").exists() else command, rng.uniform(0.05, 1.1) * duration):
            clear(output)
            continue
        if output.exists() and check(output) is None:
            tally.lose(f"{output.name} is torn")
    code, _, error = run(again() if pathlib.Path(str(output) + ".checkpoint").exists() else command)
    tally.judge(code, error)
    if code == 0 and check(output) != reference:
        tally.lose(f"{output.name} is not what an undisturbed run makes")


def weights(path):
    """The tensors of a safetensors file: its header says how long the training took, which differs from run to run."""
    content = path.read_bytes()
    return content[8 + int.from_bytes(content[:8], "little"):]


def clear(output):
    for path in [output, *output.parent.glob(output.name + ".*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def info(path):
    """What a model says about itself, less what no two runs share; None when it cannot be read."""
    code, output, _ = run(["info", path, "--json"])
    return None if code != 0 else "".join(line for line in output.splitlines() if "econd" not in line and str(path) not in line)


def kill_train(setting, count, tally):
    output = setting.folder / "trained.cobra"
    resumable(tally, count, setting.train(output), lambda: [*setting.train(output), "--resume"], output, info)


def kill_pretrain(setting, count, tally):
    output = setting.folder / "backbone.safetensors"
    resumable(tally, count, setting.pretrain(output), lambda: [*setting.pretrain(output), "--resume"], output, weights)


def kill_export(setting, count, tally):
    output = setting.folder / "exported.onnx"
    command = ["export", setting.model, "-o", output, "--quiet"]
    resumable(tally, count, command, lambda: command, output, lambda path: path.read_bytes())


def kill_evaluate(setting, count, tally):
    state = setting.folder / "state"
    command = setting.evaluate(state)
    duration = timed(command)
    worst = lambda text: [attack["scores"] if "scores" in attack else attack.get("auroc") for attack in json.loads(text).get("attacks", [])]
    state.unlink(missing_ok=True)
    _, reference, _ = run(command)
    state.unlink(missing_ok=True)
    for _ in range(count):
        tally.tried += 1
        kill_after(command, rng.uniform(0.05, 1.1) * duration)
    code, output, error = run(command)
    tally.judge(code, error)
    if code == 0 and worst(output) != worst(reference):
        tally.lose("the report is not that of an undisturbed run")


def kill_reproduce(setting, count, tally):
    store = setting.folder / "store"
    command = setting.reproduce(store)
    duration = timed(command)
    shutil.rmtree(store)
    for _ in range(count):
        tally.tried += 1
        if not kill_after(command, rng.uniform(0.05, 1.1) * duration):
            shutil.rmtree(store)
        for cell in store.rglob("*.json"):
            try:
                json.loads(cell.read_text())
            except ValueError:
                tally.lose(f"{cell.name} is torn")
    code, _, error = run(command)
    tally.judge(code, error)


class Service:
    """cobra serve on a free port."""

    def __init__(self, setting, data, *more):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.error = open(setting.folder / "serve.log", "ab")
        self.process = subprocess.Popen([COBRA, "serve", setting.onnx, "--urls", f"http://127.0.0.1:{self.port}", "--data", data, *map(str, more)],
                                        stdout=subprocess.DEVNULL, stderr=self.error, start_new_session=True)

    def ask(self, path, body=None, timeout=60):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers={"Content-Type": "image/png"} if body else {})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            try:
                if self.ask("/health/ready")[0] == 200:
                    return True
            except OSError:
                pass
            time.sleep(0.1)
        return False

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.error.close()

    def stop(self):
        """SIGTERM: the code, None when it does not end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


def kill_serve(setting, count, tally):
    data = setting.folder / "serve-data"
    image = setting.images[0].read_bytes()
    acknowledged = []
    for _ in range(count):
        tally.tried += 1
        service = Service(setting, data)
        if not service.ready():
            tally.crashed += 1
            tally.note("did not become ready")
            service.kill()
            continue
        end = time.monotonic() + rng.uniform(0, 1)
        subprocess.Popen(["sh", "-c", f"sleep {max(0.01, end - time.monotonic()):.3f}; kill -9 {service.process.pid}"])
        try:
            while True:
                status, answer = service.ask("/v1/score?name=part.png", image)
                if status == 200:
                    acknowledged += [part["id"] for part in json.loads(answer)["results"]]
        except (OSError, ValueError, urllib.error.URLError):
            pass
        except Exception as error:  # a connection that was cut in the middle of an answer
            if "IncompleteRead" not in type(error).__name__ and "RemoteDisconnected" not in type(error).__name__:
                raise
        service.kill()
    database = sqlite3.connect(data / "results.db")
    stored = {row[0] for row in database.execute("SELECT id FROM cobra_result")}
    for number in acknowledged:
        if number not in stored:
            tally.lose(f"result {number}")


def watch(setting, folder, *more):
    return ["watch", folder, "--model", setting.onnx, "--csv", folder.parent / "log.csv", "--json-lines", folder.parent / "log.jsonl",
            "--database", folder.parent / "results.db", "--set", "Watch:Settle=00:00:00", "--quiet", *more]


def check_watched(tally, home, names):
    """Every part in every record once, and moved once."""
    with open(home / "log.csv", newline="") as log:
        rows = [row["file"] for row in csv.DictReader(log)]
    lines = [json.loads(line)["file"] for line in (home / "log.jsonl").read_text().splitlines()]
    stored = [row[0] for row in sqlite3.connect(home / "results.db").execute("SELECT name FROM cobra_result")]
    moved = [path.name for decision in ("normal", "anomalous", "refused") for path in (home / "in" / decision).glob("*")]
    for what, found in (("CSV", rows), ("JSON lines", lines), ("database", stored), ("folders", moved)):
        for name in names:
            if found.count(name) != 1:
                tally.lose(f"{name} is {found.count(name)} times in the {what}")
        if len(found) != len(names):
            tally.lose(f"{len(found)} parts in the {what}, expected {len(names)}")


def wait_for(condition, seconds=HANG):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def wait_until_taken(process, folder):
    """Until no part is left, or the process ended, or none was taken for a while: how fast they are taken is the machine's business."""
    left = None
    while process.poll() is None and (now := len(list(folder.glob("*.png")))):
        if now == left:
            return False
        left = now
        wait_for(lambda: process.poll() is not None or len(list(folder.glob("*.png"))) < left)
    return True


def fill(setting, folder, count, prefix="part"):
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for i in range(count):
        names.append(f"{prefix}{i:04}.png")
        shutil.copy(setting.images[i % len(setting.images)], folder / names[-1])
    return names


def kill_watch(setting, count, tally):
    home = setting.folder / "watch"
    names = fill(setting, home / "in", 30 * count)
    for _ in range(count):
        tally.tried += 1
        kill_after(watch(setting, home / "in"), rng.uniform(1.0, 3.5))
    process = subprocess.Popen([COBRA, *map(str, watch(setting, home / "in"))], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
    # It listens to signals once it has started.
    time.sleep(5)
    if not wait_until_taken(process, home / "in"):
        tally.hung += 1
    process.terminate()
    try:
        _, error = process.communicate(timeout=60)
        tally.judge(process.returncode, error, (0, 130, 143))
    except subprocess.TimeoutExpired:
        tally.judge(None, "")
        os.killpg(process.pid, signal.SIGKILL)
    check_watched(tally, home, names)


class Disk:
    """A small disk of its own, where root allows it."""

    def __init__(self, folder, megabytes):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], stderr=subprocess.DEVNULL).returncode == 0

    def fill(self):
        """Takes what is left, to the last byte."""
        with open(self.folder / "filler", "wb", buffering=0) as filler:
            try:
                for size in (1 << 16, 1 << 12, 1):
                    try:
                        while True:
                            filler.write(b"\1" * size)
                    except OSError:
                        pass
            except OSError:
                pass

    def free(self):
        (self.folder / "filler").unlink(missing_ok=True)

    def read_only(self):
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)

    def close(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.folder], check=False)


def outputs(setting, folder):
    """Every command that writes a file, with that file."""
    return [
        (setting.train(folder / "t.cobra"), folder / "t.cobra"),
        (["export", setting.model, "-o", folder / "e.onnx", "--quiet"], folder / "e.onnx"),
        (setting.pretrain(folder / "b.safetensors"), folder / "b.safetensors"),
        (setting.evaluate(folder / "state"), None),
        ([*setting.evaluate(folder / "other"), "--report", folder / "report"], None),
        (setting.reproduce(folder / "store"), None),
    ]


def refuse_politely(setting, folder, tally, **more):
    """Each command either does its work or says why not, in a sentence, and leaves no half file."""
    for command, output in outputs(setting, folder):
        tally.tried += 1
        code, _, error = run(command, **more)
        tally.judge(code, error, (0, 1, 2))
        if code != 0 and output is not None and output.exists():
            tally.lose(f"{output.name} is there although cobra {command[0]} failed")


def full(setting, count, tally):
    disk = Disk(setting.folder / "full", 4)
    try:
        if disk.mounted:
            disk.fill()
            refuse_politely(setting, disk.folder, tally)
        else:
            refuse_politely(setting, disk.folder, tally, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
            return
        # Parts go to a full disk while they arrive on a sound one; then the other way round; then there is room again.
        for name, incoming, into in (("to", setting.folder / "sound-in", disk.folder), ("from", disk.folder / "in", setting.folder / "sound-out")):
            disk.free()
            tally.tried += 1
            names = fill(setting, incoming, 4 * count)
            disk.fill()
            log = setting.folder / f"full-{name}.csv"
            process = subprocess.Popen([COBRA, "watch", str(incoming), "--model", str(setting.onnx), "--into", str(into), "--csv", str(log), "--set", "Watch:Settle=00:00:00", "--quiet"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
            time.sleep(6)
            litter = [path for decision in ("normal", "anomalous", "refused") for path in (into / decision).glob("*") if path.stat().st_size == 0]
            if litter:
                tally.lose(f"{len(litter)} empty files on the full disk")
            disk.free()
            if not wait_for(lambda: not list(incoming.glob("*.png")), 150):
                tally.lose(f"{len(list(incoming.glob('*.png')))} parts were not moved when there was room again")
            process.terminate()
            try:
                _, error = process.communicate(timeout=60)
                tally.judge(process.returncode, error, (0, 130, 143))
                if error.count("\n") > 20 + 3 * len(names):
                    tally.lose(f"{error.count(chr(10))} lines of log")
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                tally.judge(None, "")
            with open(log, newline="") as table:
                rows = [row["file"] for row in csv.DictReader(table)]
            moved = [path.name for decision in ("normal", "anomalous", "refused") for path in (into / decision).glob("*")]
            for name in names:
                if rows.count(name) != 1 or moved.count(name) != 1:
                    tally.lose(f"{name} is {rows.count(name)} times in the log, {moved.count(name)} times in the folders")
    finally:
        disk.close()
    disk = Disk(setting.folder / "full-data", 4)
    try:
        # A service whose disk fills up: what it does not take it says, it is not ready, and it goes on when there is room.
        tally.tried += 1
        service = Service(setting, disk.folder)
        image = setting.images[0].read_bytes()
        if not service.ready():
            tally.crashed += 1
        else:
            disk.fill()
            status, _ = service.ask("/v1/score", image)
            ready, _ = service.ask("/health/ready")
            if status == 200 and ready == 200:
                status = [service.ask("/v1/score", image)[0] for _ in range(200)][-1]
                ready, _ = service.ask("/health/ready")
            if (status, ready) != (503, 503):
                tally.lose(f"on a full disk scoring answers {status} and readiness {ready}")
            disk.free()
            if not wait_for(lambda: service.ask("/v1/score", image)[0] == 200, 60):
                tally.lose("the service does not score again when there is room")
        tally.judge(service.stop(), "", (0, 130, 143))
    finally:
        disk.close()


def read_only(setting, count, tally):
    disk = Disk(setting.folder / "read-only", 8)
    try:
        incoming = disk.folder / "in"
        fill(setting, incoming, 3)
        if not disk.mounted:
            tally.note("needs root; not tried")
            return
        disk.read_only()
        refuse_politely(setting, disk.folder, tally)
        for then, allowed in (("move", (1,)), ("tag", (1,))):
            tally.tried += 1
            code, _, error = run(["watch", incoming, "--model", setting.onnx, "--then", then])
            tally.judge(code, error, allowed)
        tally.tried += 1
        code, _, error = run(["serve", setting.onnx, "--data", disk.folder / "data", "--urls", "http://127.0.0.1:0"])
        tally.judge(code, error, (1, 2))
        tally.tried += 1
        log = setting.folder / "leave.csv"
        process = subprocess.Popen([COBRA, "watch", str(incoming), "--model", str(setting.onnx), "--then", "leave", "--csv", str(log), "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if not wait_for(lambda: log.exists() and len(log.read_text().splitlines()) == 4, 60):
            tally.lose("parts in a folder that cannot be written were not scored and left")
        process.terminate()
        _, error = process.communicate(timeout=60)
        tally.judge(process.returncode, error, (0, 130, 143, -2, -15))
    finally:
        disk.close()


def two(setting, count, tally):
    """Two processes on one output at once: each succeeds or refuses, and what is there is whole."""
    folder = setting.folder / "two"
    folder.mkdir()
    exported = setting.folder / "alone.onnx"
    run(["export", setting.model, "-o", exported, "--quiet"])
    for _ in range(max(1, count // 10)):
        for command, output in outputs(setting, folder):
            tally.tried += 1
            if output is not None:
                clear(output)
            pair = [subprocess.Popen([COBRA, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True) for _ in range(2)]
            for process in pair:
                try:
                    _, error = process.communicate(timeout=HANG)
                    # 2: the other one was done before this one looked.
                    tally.judge(process.returncode, error, (0, 1, 2))
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    tally.judge(None, "")
            if all(process.returncode != 0 for process in pair):
                tally.lose(f"neither cobra {command[0]} came to its end")
            whole = {".cobra": lambda: run(["info", output])[0] == 0, ".onnx": lambda: output.read_bytes() == exported.read_bytes()}
            if output is not None and output.exists() and not whole.get(output.suffix, lambda: True)():
                tally.lose(f"{output.name} is torn")
    home = setting.folder / "two-watch"
    names = fill(setting, home / "in", 10 * count)
    tally.tried += 1
    pair = [subprocess.Popen([COBRA, *map(str, watch(setting, home / "in"))], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True) for _ in range(2)]
    wait_for(lambda: not list((home / "in").glob("*.png")), 120)
    for process in pair:
        process.terminate()
        _, error = process.communicate(timeout=60)
        tally.judge(process.returncode, error, (0, 1, 130, 143))
    check_watched(tally, home, names)


def mutate(setting, count, tally):
    """In one process: the tests of MutatedFilesTests, which write a line for each format."""
    table = setting.folder / "mutated.tsv"
    environment = {**os.environ, "COBRA_TORTURE_COUNT": str(200 * count), "COBRA_TORTURE_TABLE": str(table)}
    subprocess.run(["dotnet", "test", "-c", "Release", str(ROOT / "tests/CobraAD.Tests"), "--filter", "FullyQualifiedName~MutatedFilesTests"], env=environment, stdout=subprocess.DEVNULL, check=False)
    if not table.exists():
        tally.crashed += 1
        tally.note("the tests did not run to their end")
        return
    for line in table.read_text().splitlines():
        name, tried, crashed, hung, note = line.split("\t")
        tally.tried += int(tried)
        tally.crashed += int(crashed)
        tally.hung += int(hung)
        if note:
            tally.note(f"{name}: {note}")


PARTS = {"kill-train": kill_train, "kill-evaluate": kill_evaluate, "kill-reproduce": kill_reproduce, "kill-pretrain": kill_pretrain, "kill-serve": kill_serve,
         "kill-watch": kill_watch, "kill-export": kill_export, "full": full, "read-only": read_only, "two": two, "mutate": mutate}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=50)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    arguments = parser.parse_args()
    tallies = []
    with tempfile.TemporaryDirectory(prefix="cobra-torture-") as folder:
        setting = Setting(pathlib.Path(folder))
        for part in arguments.parts or PARTS:
            tally = Tally(part)
            PARTS[part](setting, arguments.n, tally)
            tallies.append(tally)
            print(f"{part}: tried {tally.tried}, lost {tally.lost}, crashed {tally.crashed}, hung {tally.hung}", *tally.notes, sep="\n    ", file=sys.stderr)
    print(f"{'part':<16}{'tried':>8}{'lost':>8}{'crashed':>9}{'hung':>8}")
    for tally in tallies:
        print(f"{tally.part:<16}{tally.tried:>8}{tally.lost:>8}{tally.crashed:>9}{tally.hung:>8}")
        for note in tally.notes:
            print(f"    {note}")
    sys.exit(any(tally.lost + tally.crashed + tally.hung for tally in tallies))


main()
