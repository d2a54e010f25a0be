#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""forward.py BUILD_DIR [NETWORK...]: one forward pass of each network, one thread, F32: ours, ONNX Runtime's,
OpenVINO's (those that are installed), taken in turns. Times are the processor's, so that other work on the machine
counts little; the median of the rounds is printed. Ours starts from bytes, the others from floats. The ratio is to the
faster of the others. Without ../shared only the shipped networks are timed, alone.
"""
import statistics
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SHARED = SOURCE.parent / "shared"
CASES = [("mobileface", 112, 112), ("reid", 128, 128), ("siamese", 112, 112), ("siamese", 224, 224), ("yunet", 640, 480)]
BATCHES = (1, 8)
ROUNDS = 9
ROUND_SECONDS = 0.15


def weights_of(name):
    places = (SHARED / "weights" / f"{name}.f32.safetensors", SOURCE / "model/weights" / f"{name}.safetensors")
    return next((place for place in places if place.exists()), None)


class Ours:
    def __init__(self, build, weights, width, height, batch):
        command = [build / "tests" / "bench-forward", weights, width, height, batch]
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def run(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Peer:
    def run(self, count):
        begin = time.process_time()
        for _ in range(count):
            self.once()
        return (time.process_time() - begin) * 1e3 / count

    def close(self):
        pass


class OnnxRuntime(Peer):
    def __init__(self, path, feed):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.once = lambda: session.run(None, feed)


class OpenVino(Peer):
    def __init__(self, path, feed):
        import openvino
        model = openvino.Core().read_model(str(path))
        model.reshape({key: list(value.shape) for key, value in feed.items()})
        compiled = openvino.Core().compile_model(
            model, "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"})
        request = compiled.create_infer_request()
        for key, value in feed.items():
            request.set_tensor(key, openvino.Tensor(value))
        self.once = request.infer


def feed_for(name, width, height, batch):
    import numpy
    generator = numpy.random.default_rng(0)
    picture = generator.random((batch, 3, height, width), dtype=numpy.float32)
    if name != "siamese":
        return {"input": picture * 255}
    return {"input": picture * 2 - 1, "landmarks": generator.random((batch, 68, 2), dtype=numpy.float32)}


def peers_for(name, width, height, batch):
    path, found = SHARED / "bench" / f"{name}.onnx", {}
    if not path.exists():
        print(f"skipped: the others, {path} is not here", file=sys.stderr)
        return found
    for title, kind in (("ONNX Runtime", OnnxRuntime), ("OpenVINO", OpenVino)):
        try:
            found[title] = kind(path, feed_for(name, width, height, batch))
        except ImportError as missing:
            print(f"skipped: {title}, {missing.name} is not installed", file=sys.stderr)
    return found


def measure(runners):
    counts = {title: max(1, int(ROUND_SECONDS * 1e3 / min(runner.run(1) for _ in range(3))))
              for title, runner in runners.items()}
    times = {title: [] for title in runners}
    for _ in range(ROUNDS):
        for title, runner in runners.items():
            times[title].append(runner.run(counts[title]))
    return {title: statistics.median(values) for title, values in times.items()}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build, wanted = Path(sys.argv[1]), sys.argv[2:]
    print(f"{'network':<12}{'input':>10}{'batch':>6}{'kith':>11}{'ONNX Runtime':>14}{'OpenVINO':>11}{'ratio':>7}")
    for name, width, height in CASES:
        weights = weights_of(name)
        if wanted and name not in wanted:
            continue
        if not weights:
            print(f"skipped: {name} is not here", file=sys.stderr)
            continue
        for batch in BATCHES:
            runners = {"kith": Ours(build, weights, width, height, batch)}
            runners.update(peers_for(name, width, height, batch))
            found = measure(runners)
            for runner in runners.values():
                runner.close()
            others = [value for title, value in found.items() if title != "kith"]
            cells = [f"{found[t]:.3f} ms" if t in found else "-" for t in ("kith", "ONNX Runtime", "OpenVINO")]
            ratio = f"{found['kith'] / min(others):.2f}" if others else "-"
            print(f"{name:<12}{f'{width}x{height}':>10}{batch:>6}{cells[0]:>11}{cells[1]:>14}{cells[2]:>11}"
                  f"{ratio:>7}", flush=True)


if __name__ == "__main__":
    main()
