"""One round of the perturbed network in PyTorch on the CPU: mean predictions of ten arms, then one projected gradient step.

The same work as NetworkRound in bench/Rounds.fs: width 100, ReLU, no bias, ten fixed sign vectors over all parameters, ball projection a layer.
Disjoint arms are kept as a batch of weight blocks, so that no zeros are multiplied.
Two variants: "autograd" (modules' way: a loss, backward, in-place update) and "tensors" (the gradient written out by hand).
Prints a JSON object with the microseconds a round, best of the repetitions, and the BLAS library that the process has loaded.
"""

import json
import math
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch  # noqa: E402 (OpenBLAS reads its variable when it is loaded)

WIDTH, ARMS, SIGNS = 100, 10, 10
SCALE, RATE, RADIUS, LABEL = 0.1, 0.01, 10.0, 0.3
QUICK = "--quick" in sys.argv[1:]


def loaded_blas():
    """The BLAS in this process's memory map: reference BLAS is up to eighteen times slower and makes no fair comparison."""
    with open("/proc/self/maps") as maps:
        libraries = {line.split()[-1].lower() for line in maps if "/" in line}
    for name in ("openblas", "mkl", "blis", "atlas"):
        if any(name in path for path in libraries):
            return name
    return "reference BLAS"


class Round:
    def __init__(self, dimension, blocks, loss):
        sigma = 1.0 / (1.0 + math.sqrt(math.log(WIDTH)) / math.sqrt(2 * WIDTH))
        self.loss, self.blocks = loss, blocks
        self.shift = SCALE / WIDTH**0.25
        self.first_scale, self.last_scale = dimension**-0.5, WIDTH**-0.5
        self.w = torch.randn(blocks, WIDTH, dimension) * sigma
        self.v = torch.randn(WIDTH)
        self.v /= self.v.norm()
        self.w0, self.v0 = self.w.clone(), self.v.clone()
        self.signs = torch.randint(0, 2, (SIGNS, self.w.numel() + WIDTH)).float() * 2 - 1
        self.x = torch.rand(ARMS if blocks == 1 else 1, dimension) * 0.1
        self.arm = 0

    def moved(self):
        """theta - theta_0 as one vector."""
        return torch.cat([(self.w - self.w0).reshape(-1), self.v - self.v0])

    def score(self, x, w):
        """Scores of the rows of x under one block, or of one row under each block."""
        before = x @ w.T if w.dim() == 2 else w @ x
        return torch.relu(before * self.first_scale) @ self.v * self.last_scale

    def predict(self):
        with torch.no_grad():
            scores = self.score(self.x, self.w[0]) if self.blocks == 1 else self.score(self.x[0], self.w)
            shifted = scores[:, None] + self.shift * (self.signs @ self.moved())
            return (torch.sigmoid(shifted) if self.loss == "cross-entropy" else shifted).mean(1)

    def project(self):
        for value, start in ((self.w, self.w0), (self.v, self.v0)):
            distance = (value - start).norm()
            if distance > RADIUS:
                value.copy_(start + (value - start) * (RADIUS / distance))

    def next_arm(self):
        """The vector and the weight block of the arm that is learned."""
        arm, self.arm = self.arm, (self.arm + 1) % ARMS
        return (self.x[arm], self.w[0]) if self.blocks == 1 else (self.x[0], self.w[arm])


class AutogradRound(Round):
    def __init__(self, *shape):
        super().__init__(*shape)
        self.w.requires_grad_()
        self.v.requires_grad_()

    def step(self):
        x, w = self.next_arm()
        shifted = self.score(x[None], w) + self.shift * (self.signs @ self.moved())
        if self.loss == "cross-entropy":
            value = (torch.nn.functional.softplus(shifted) - LABEL * shifted).mean()
        else:
            value = 0.5 * (shifted - LABEL).square().mean()
        value.backward()
        with torch.no_grad():
            for parameter in (self.w, self.v):
                parameter.sub_(parameter.grad, alpha=RATE)
                parameter.grad = None
            self.project()

    def __call__(self):
        self.predict()
        self.step()


class TensorRound(Round):
    def __call__(self):
        with torch.no_grad():
            self.predict()
            x, w = self.next_arm()
            hidden = torch.relu(w @ x * self.first_scale)
            shifted = hidden @ self.v * self.last_scale + self.shift * (self.signs @ self.moved())
            residual = (torch.sigmoid(shifted) if self.loss == "cross-entropy" else shifted) - LABEL
            mean = residual.mean()
            along_signs = (residual @ self.signs) * (self.shift / SIGNS)
            back = (hidden > 0) * self.v * (mean * self.last_scale * self.first_scale)
            self.v.sub_(hidden * (mean * self.last_scale) + along_signs[-WIDTH:], alpha=RATE)
            w.addr_(back, x, alpha=-RATE)
            self.w.sub_(along_signs[:-WIDTH].view_as(self.w), alpha=RATE)
            self.project()


def best(work):
    """Microseconds, best of the repetitions, each of about 20 ms or 3 rounds."""
    repetitions, budget = (3, 0.005) if QUICK else (25, 0.02)
    for _ in range(5 if QUICK else 30):
        work()
    start = time.perf_counter()
    work()
    rounds = max(3, int(budget / (time.perf_counter() - start)))
    fastest = math.inf
    for _ in range(repetitions):
        start = time.perf_counter()
        for _ in range(rounds):
            work()
        fastest = min(fastest, (time.perf_counter() - start) / rounds)
    return fastest * 1e6


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    rows = []
    for shape, dimension, blocks in (("d = 120", 120, 1), ("d = 784", 784, 1), ("10 blocks of 784", 784, ARMS)):
        for loss in ("half-squared", "cross-entropy"):
            for variant, kind in (("autograd", AutogradRound), ("tensors", TensorRound)):
                micros = best(kind(dimension, blocks, loss))
                rows.append({"shape": shape, "loss": loss, "variant": variant, "micros": micros})
    print(json.dumps({"torch": torch.__version__, "blas": loaded_blas(), "threads": torch.get_num_threads(), "rows": rows}))


main()
