"""Value and gradient of losses in PyTorch (forward and backward) and in scikit-learn's compiled loops, one thread.

The same sizes and distributions as bench/LossSpeed.fs. Prints a JSON object with nanoseconds a score, best of the repetitions.
"""

import json
import math
import os
import sys
import time

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402 (threads are counted when the libraries are loaded)
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_num_threads(1)
QUICK = "--quick" in sys.argv[1:]
N = 1_000_000
random = np.random.default_rng(1)


def best(work, scores):
    """Nanoseconds a score: a warm-up, then the best of the repetitions."""
    for _ in range(2 if QUICK else 5):
        work()
    times = []
    for _ in range(2 if QUICK else 25):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1e9 / scores


def backward(z, loss):
    def work():
        z.grad = None
        loss(z).backward()

    return work


def kullback_leibler(z, y):
    return (F.binary_cross_entropy_with_logits(z, y, reduction="none") + torch.special.xlogy(y, y) + torch.special.xlogy(1 - y, 1 - y)).mean()


def comp_sum(log_probability):
    """tau = 1.5: 2 (1 - s^(1/2)), from ln s."""
    return (-2.0 * torch.expm1(0.5 * log_probability)).mean()


def ldr(z, y):
    """lambda = 0.7, margin 0.3."""
    own = z.gather(1, y[:, None])
    lead = z - own + 0.3
    lead = lead.scatter(1, y[:, None], 0.0)
    return (0.7 * (torch.logsumexp(lead / 0.7, 1) - math.log(z.shape[1]))).mean()


class Entmax15(torch.autograd.Function):
    """The loss with its closed gradient, by sorting."""

    @staticmethod
    def forward(ctx, z, y):
        x = z - z.max(1, keepdim=True).values
        u = torch.sort(x / 2, dim=1, descending=True).values
        k = torch.arange(1, z.shape[1] + 1, dtype=z.dtype)
        mean = u.cumsum(1) / k
        square = (u * u).cumsum(1) / k
        delta = ((1 - k * (square - mean * mean)) / k).clamp(min=0)
        tau = mean - delta.sqrt()
        support = (tau <= u).sum(1, keepdim=True)
        tau = tau.gather(1, support - 1)
        part = (x / 2 - tau).clamp(min=0)
        p = part * part
        ctx.save_for_backward(p, y)
        own = x.gather(1, y[:, None])
        return ((p * (x - own)).sum(1) + (1 - (p * part).sum(1)) / 0.75).mean()

    @staticmethod
    def backward(ctx, grad):
        p, y = ctx.saved_tensors
        g = p.clone()
        g.scatter_add_(1, y[:, None], torch.full((len(y), 1), -1.0, dtype=p.dtype))
        return g * (grad / len(y)), None


def scalar(dtype):
    z = torch.tensor(3.0 * random.standard_normal(N), dtype=dtype, requires_grad=True)
    y = torch.tensor(random.random(N), dtype=dtype)
    sign = torch.where(torch.rand(N) < 0.5, -1.0, 1.0).to(dtype)
    return {
        "cross-entropy of a logit": backward(z, lambda z: F.binary_cross_entropy_with_logits(z, y)),
        "kullback-leibler": backward(z, lambda z: kullback_leibler(z, y)),
        "logistic": backward(z, lambda z: F.softplus(-sign * z).mean()),
        "huber": backward(z, lambda z: F.huber_loss(z, y)),
        "comp-sum 1.5, margin": backward(z, lambda z: comp_sum(F.logsigmoid(sign * z))),
    }


def multiclass(dtype):
    work = {}
    for k in (10, 1000):
        z = torch.tensor(2.0 * random.standard_normal((N // k, k)), dtype=dtype, requires_grad=True)
        y = torch.tensor(random.integers(0, k, N // k))
        work[f"comp-sum 1.5, K = {k}"] = backward(z, lambda z, y=y: comp_sum(F.log_softmax(z, 1).gather(1, y[:, None])))
        if k == 10:
            work["ldr-kl, K = 10"] = backward(z, lambda z, y=y: ldr(z, y))
            work["entmax 1.5, K = 10"] = backward(z, lambda z, y=y: Entmax15.apply(z, y))
    return work


def compiled():
    """scikit-learn's loss_gradient writes both arrays in one pass; it has no mean, and that is not counted against it."""
    from sklearn._loss.loss import HalfBinomialLoss

    losses = {"cross-entropy of a logit": HalfBinomialLoss()}
    try:
        from sklearn._loss.loss import HuberLoss

        losses["huber"] = HuberLoss(quantile=0.5, delta=1.0)
    except ImportError:
        pass
    z = 3.0 * random.standard_normal(N)
    y = random.random(N)
    loss_out, gradient_out = np.empty(N), np.empty(N)
    return {
        name: lambda loss=loss: loss.loss_gradient(
            y_true=y, raw_prediction=z, loss_out=loss_out, gradient_out=gradient_out, n_threads=1
        )
        for name, loss in losses.items()
    }


rows = {}
for key, dtype in (("torch", torch.float64), ("torch32", torch.float32)):
    for name, work in {**scalar(dtype), **multiclass(dtype)}.items():
        rows.setdefault(name, {})[key] = best(work, N)

versions = f"PyTorch {torch.__version__}"
try:
    import sklearn

    for name, work in compiled().items():
        rows[name]["sklearn"] = best(work, N)
    versions += f", scikit-learn {sklearn.__version__}"
except ImportError:
    versions += ", no scikit-learn"

print(json.dumps({"versions": versions, "rows": [{"loss": name, **row} for name, row in rows.items()]}))
