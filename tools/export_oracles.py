#!/usr/bin/env python3
"""Write the small train steps whose best plans on four devices are known in closed form (test/passes/shard-oracles*).

    pip install jax==0.10.2
    python3 tools/export_oracles.py test/passes/Inputs

They are those of Alpa's own tests of its sharding pass: stacks of dense layers, BERT layers, convolutions and a mixture
of experts, each once with a batch that is worth splitting and once without.
"""
import math
import os
import pathlib
import sys

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
from jax import lax

F32 = jnp.float32


def sgd(params, grads, state):
    return jax.tree.map(lambda p, g: p - 0.1 * g, params, grads), state


def adam(params, grads, state):
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state[0], grads)
    v = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, state[1], grads)
    return jax.tree.map(lambda p, a, b: p - 0.1 * a / (jnp.sqrt(b) + 1e-8), params, m, v), (m, v)


def export(forward, params, shape, out_shape=None, optimizer=sgd):
    """The StableHLO of one step on the mean square error; parameters and optimizer state are donated."""
    def step(params, state, x, y):
        loss, grads = jax.value_and_grad(lambda p: jnp.square(forward(p, x) - y).mean())(params)
        params, state = optimizer(params, grads, state)
        return params, state, loss

    state = (params, params) if optimizer is adam else ()
    x, y = jax.ShapeDtypeStruct(shape, F32), jax.ShapeDtypeStruct(out_shape or shape, F32)
    return jax.jit(step, donate_argnums=(0, 1), keep_unused=True).trace(params, state, x, y).lower().as_text()


def array(*shape):
    return jax.ShapeDtypeStruct(shape, F32)


def mlp(batch, hidden, optimizer=sgd, layers=6):
    def forward(params, x):
        for i, p in enumerate(params):
            x = x @ p["kernel"] + p["bias"]
            x = jax.nn.relu(x) if i + 1 < layers else x
        return x

    params = [{"kernel": array(hidden, hidden), "bias": array(hidden)} for _ in range(layers)]
    return export(forward, params, (batch, hidden), optimizer=optimizer)


def norm(x, p):
    mean = x.mean(-1, keepdims=True)
    var = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(var + 1e-5) * p["scale"] + p["bias"]


def dense(x, p):
    return x @ p["kernel"] + p["bias"]


def attention(x, p, heads):
    b, s, h = x.shape
    qkv = jnp.einsum("bsh,hto->bsto", x, p["qkv"]["kernel"]) + p["qkv"]["bias"]
    q, k, v = (qkv[:, :, i].reshape(b, s, heads, h // heads) for i in range(3))
    weights = jax.nn.softmax(jnp.einsum("bqnd,bknd->bnqk", q, k) / math.sqrt(h // heads), axis=-1)
    return dense(jnp.einsum("bnqk,bknd->bqnd", weights, v).reshape(b, s, h), p["out"])


def bert(batch, seq, hidden, heads=8, layers=2):
    def forward(params, x):
        for p in params:
            x = norm(x + attention(x, p, heads), p["norm1"])
            x = norm(x + dense(jax.nn.gelu(dense(x, p["up"])), p["down"]), p["norm2"])
        return x

    def pair(*shape):
        return {"kernel": array(*shape), "bias": array(*shape[1:])}

    def scale():
        return {"scale": array(hidden), "bias": array(hidden)}

    params = [{"qkv": pair(hidden, 3, hidden), "out": pair(hidden, hidden), "up": pair(hidden, 4 * hidden),
               "down": pair(4 * hidden, hidden), "norm1": scale(), "norm2": scale()} for _ in range(layers)]
    return export(forward, params, (batch, seq, hidden))


def convolutions(batch, image, channels, layers):
    def forward(kernels, x):
        for kernel in kernels:
            x = lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        return x

    return export(forward, [array(3, 3, channels, channels)] * layers, (batch, image, image, channels))


def moe(batch, seq, hidden, group=32, experts=16):
    """Switch routing: one expert for each token, at most `capacity` tokens of a group for each expert."""
    capacity = 2 * group // experts

    def forward(p, x):
        tokens = x.reshape(batch * seq // group, group, hidden)
        gates = jax.nn.softmax(jnp.einsum("gsm,me->gse", tokens, p["gate"]), axis=-1)
        mask = jax.nn.one_hot(jnp.argmax(gates, axis=-1), experts, dtype=F32)
        place = (jnp.cumsum(mask, axis=1) * mask - mask).astype(jnp.int32)
        slots = jax.nn.one_hot(place, capacity, dtype=F32) * mask[..., None]
        combine = slots * (gates * mask).sum(-1)[..., None, None]
        inputs = jnp.einsum("gsec,gsm->egcm", slots, tokens)
        inner = jax.nn.relu(jnp.einsum("egcm,emh->egch", inputs, p["up"]))
        outputs = jnp.einsum("egch,ehm->egcm", inner, p["down"])
        return jnp.einsum("gsec,egcm->gsm", combine, outputs).reshape(x.shape)

    params = {"gate": array(hidden, experts), "up": array(experts, hidden, 4 * hidden),
              "down": array(experts, 4 * hidden, hidden)}
    return export(forward, params, (batch, seq, hidden))


PROGRAMS = {
    "mlp-b256-h32": lambda: mlp(256, 32),
    "mlp-b256-h32-adam": lambda: mlp(256, 32, adam),
    "mlp-b32-h256": lambda: mlp(32, 256),
    "bert-b8-s8-h128": lambda: bert(8, 8, 128),
    "bert-b64-s64-h32": lambda: bert(64, 64, 32),
    "conv-b8-i4-c256": lambda: convolutions(8, 4, 256, 4),
    "conv-b16-i16-c4": lambda: convolutions(16, 16, 4, 3),
    "moe-b64-s16-h64": lambda: moe(64, 16, 64),
}

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or PROGRAMS:
        (folder / f"{name}.mlir").write_text(PROGRAMS[name]())
