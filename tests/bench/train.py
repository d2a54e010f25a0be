#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""train.py BUILD_DIR [PYTHON...]: images per second of a full training step of siamese (forward with batch statistics,
batch-hard triplet loss, backward, Adam) on 64 pictures of 112 x 112 with two threads: ours, PyTorch's (channels last),
Keras' on TensorFlow, taken in turns; the best and the median of the rounds. PyTorch and Keras are looked for in this
Python, Debian's, and those given; what none of them has is said to be skipped. Then ours alone: the last five layers
from cached activations, and memory with 192 pictures.
"""
import os
import statistics
import subprocess
import sys
import time

SIDE, BATCH, THREADS, ROUNDS, STEPS = 112, 64, 2, 7, 3
BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


# ---- the others, in a process of their own ----

def torch_step():
    import torch
    from torch import nn
    from torch.nn import functional

    def unit(into, out, kernel, stride, groups=1, active=True):
        layers = [nn.ZeroPad2d((0, 1, 0, 1))] if stride == 2 else []
        layers += [nn.Conv2d(into, out, kernel, stride, 0 if stride == 2 else kernel // 2, groups=groups, bias=False),
                   nn.BatchNorm2d(out, eps=1e-3, momentum=0.01)]
        return nn.Sequential(*layers, *([nn.ReLU6(inplace=True)] if active else []))

    class Block(nn.Module):
        def __init__(self, into, out, expand, stride):
            super().__init__()
            wide = into * expand
            self.adds = stride == 1 and into == out
            self.layers = nn.Sequential(*([unit(into, wide, 1, 1)] if expand > 1 else []),
                                        unit(wide, wide, 3, stride, wide), unit(wide, out, 1, 1, active=False))

        def forward(self, x):
            return x + self.layers(x) if self.adds else self.layers(x)

    class Siamese(nn.Module):
        def __init__(self):
            super().__init__()
            layers, into = [unit(3, 32, 3, 2)], 32
            for expand, out, repeats, stride in BLOCKS:
                for i in range(repeats):
                    layers.append(Block(into, out, expand, stride if i == 0 else 1))
                    into = out
            self.base = nn.Sequential(*layers, unit(into, 1280, 1, 1))
            self.image, self.landmarks, self.embed = nn.Linear(1280, 512), nn.Linear(136, 64), nn.Linear(576, 256)

        def forward(self, picture, points):
            picture = functional.leaky_relu(self.image(self.base(picture).mean((2, 3))), 0.5)
            points = functional.leaky_relu(self.landmarks(points), 0.1)
            return functional.leaky_relu(self.embed(torch.cat([picture, points], 1)), 0.5)

    torch.set_num_threads(THREADS)
    network = Siamese().to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-5, eps=1e-7)
    pictures = (torch.rand(BATCH, 3, SIDE, SIDE) * 2 - 1).contiguous(memory_format=torch.channels_last)
    points = torch.rand(BATCH, 136)
    person = torch.arange(BATCH) // 4
    same, own = person[:, None] == person[None, :], torch.eye(BATCH, dtype=torch.bool)

    def step():
        optimiser.zero_grad(set_to_none=True)
        unit_vectors = functional.normalize(network(pictures, points))
        alike = unit_vectors @ unit_vectors.T
        positive = alike.masked_fill(~same | own, 2).min(1).values
        negative = alike.masked_fill(same, -2).max(1).values
        functional.relu(negative - positive + 2).mean().backward()
        optimiser.step()

    return step, f"PyTorch {torch.__version__}"


def keras_step():
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", KERAS_BACKEND="tensorflow")
    import tensorflow
    import keras
    tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    base = keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), include_top=False, weights=None)
    points = keras.Input((136,))
    leaky = keras.layers.LeakyReLU
    picture = leaky(negative_slope=0.5)(keras.layers.Dense(512)(keras.layers.GlobalAveragePooling2D()(base.output)))
    joined = keras.layers.Concatenate()([picture, leaky(negative_slope=0.1)(keras.layers.Dense(64)(points))])
    network = keras.Model([base.input, points], leaky(negative_slope=0.5)(keras.layers.Dense(256)(joined)))
    optimiser = keras.optimizers.Adam(1e-5, epsilon=1e-7)
    optimiser.build(network.trainable_variables)
    inputs = [tensorflow.random.uniform((BATCH, SIDE, SIDE, 3), -1, 1), tensorflow.random.uniform((BATCH, 136))]
    person = tensorflow.range(BATCH) // 4
    same = tensorflow.cast(person[:, None] == person[None, :], "float32")
    own = tensorflow.eye(BATCH)

    @tensorflow.function
    def compiled():
        with tensorflow.GradientTape() as tape:
            unit_vectors = tensorflow.math.l2_normalize(network(inputs, training=True), 1)
            alike = tensorflow.matmul(unit_vectors, unit_vectors, transpose_b=True)
            positive = tensorflow.reduce_min(alike + 4 * (1 - same + own), 1)
            negative = tensorflow.reduce_max(alike - 4 * same, 1)
            loss = tensorflow.reduce_mean(tensorflow.nn.relu(negative - positive + 2))
        gradients = tape.gradient(loss, network.trainable_variables)
        optimiser.apply_gradients(zip(gradients, network.trainable_variables))
        return loss

    return lambda: float(compiled()), f"Keras {keras.__version__}, TensorFlow {tensorflow.__version__}"


PEERS = {"torch": torch_step, "tensorflow": keras_step}


def be_peer(name):
    step, title = PEERS[name]()
    print(title, flush=True)
    for line in sys.stdin:
        begin = time.monotonic()
        for _ in range(int(line)):
            step()
        print((time.monotonic() - begin) / int(line), flush=True)


# ---- asking ----

class Runner:
    def __init__(self, command, titled):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.title = self.process.stdout.readline().strip() if titled else "kith"

    def run(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        return self.process.communicate()[1]


def has(python, module):
    try:
        return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_peers(pythons):
    for name in PEERS:
        python = next((p for p in pythons if has(p, name)), None)
        if python:
            yield Runner([python, __file__, "--peer", name], True)
        else:
            print(f"*** SKIPPED: no {name} in {', '.join(pythons)}", file=sys.stderr)


def ours(build, batch, part):
    return Runner([f"{build}/tests/bench-train_step", "siamese", SIDE, batch, part, THREADS], False)


def measure(runners, batch):
    for runner in runners:
        runner.run(1)
    seconds = {runner: [] for runner in runners}
    for _ in range(ROUNDS):
        for runner in runners:
            seconds[runner].append(runner.run(STEPS))
    return {r: (batch / min(s), batch / statistics.median(s)) for r, s in seconds.items()}


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--peer":
        be_peer(sys.argv[2])
        return
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build, pythons = sys.argv[1], [sys.executable, "/usr/bin/python3", *sys.argv[2:]]
    runners = [ours(build, BATCH, "all"), *find_peers(pythons)]
    speeds = measure(runners, BATCH)
    print(f"siamese, all, {SIDE} x {SIDE}, {BATCH} pictures, {THREADS} threads: images per second, best and median")
    for runner, (best, median) in speeds.items():
        print(f"{runner.title:<44}{best:9.1f}{median:9.1f}")
    best, median = speeds[runners[0]]
    if len(runners) > 1:
        others = [speeds[r] for r in runners[1:]]
        print(f"kith by the faster of the others: {best / max(o[0] for o in others):.2f} (best), "
              f"{median / max(o[1] for o in others):.2f} (median)")
    table = runners[0].close()
    for runner in runners[1:]:
        runner.close()
    last = ours(build, BATCH, "last5")
    (last_best, last_median), = measure([last], BATCH).values()
    last.close()
    print(f"last5, cached activations: {last_best:.0f} best, {last_median:.0f} median, {last_best / best:.1f} x all")
    large = ours(build, 192, "all")
    large.run(2)
    print(f"all, 192 pictures: {large.close().splitlines()[-1]}")
    print(table, end="")


if __name__ == "__main__":
    main()
