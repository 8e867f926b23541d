"""A LLaMA in flax.nnx: root-mean-square norms, rotary positions, grouped queries, gated perceptrons.

    python llama.py --cluster=host:8
    python llama.py --plan-only --cluster=p3.16xlarge:8 --hidden 2048 --layers 22 --heads 32 --groups 4 \\
                    --vocabulary 32000 --sequence 2048 --batch 16
"""
import jax
import jax.numpy as jnp
import optax
from flax import nnx

from training import parse, train


def rotate(x, base=10000.0):
    """Rotary position embedding (Su et al., RoFormer) of [batch, position, head, feature]."""
    half = x.shape[-1] // 2
    angle = jnp.arange(x.shape[1])[:, None] * base ** (-jnp.arange(half) / half)
    sine, cosine = jnp.sin(angle)[:, None, :], jnp.cos(angle)[:, None, :]
    a, b = x[..., :half], x[..., half:]
    return jnp.concatenate([a * cosine - b * sine, b * cosine + a * sine], axis=-1)


class Attention(nnx.Module):
    """Causal attention in which several heads share keys and values."""

    def __init__(self, hidden, heads, groups, rngs):
        self.heads, self.groups, self.size = heads, groups, hidden // heads
        self.query = nnx.Linear(hidden, hidden, use_bias=False, rngs=rngs)
        self.key = nnx.Linear(hidden, groups * self.size, use_bias=False, rngs=rngs)
        self.value = nnx.Linear(hidden, groups * self.size, use_bias=False, rngs=rngs)
        self.out = nnx.Linear(hidden, hidden, use_bias=False, rngs=rngs)

    def __call__(self, x):
        batch, length, hidden = x.shape
        q = rotate(self.query(x).reshape(batch, length, self.heads, self.size))
        k = rotate(self.key(x).reshape(batch, length, self.groups, self.size))
        v = self.value(x).reshape(batch, length, self.groups, self.size)
        q = q.reshape(batch, length, self.groups, self.heads // self.groups, self.size)
        scores = jnp.einsum("bqghd,bkgd->bghqk", q, k) / self.size**0.5
        visible = jnp.arange(length)[:, None] >= jnp.arange(length)
        weights = jax.nn.softmax(jnp.where(visible, scores, -1e9))
        return self.out(jnp.einsum("bghqk,bkgd->bqghd", weights, v).reshape(batch, length, hidden))


class Block(nnx.Module):
    """Attention and a gated perceptron."""

    def __init__(self, hidden, heads, groups, rngs):
        width = 8 * hidden // 3 // 8 * 8
        self.attention = Attention(hidden, heads, groups, rngs)
        self.before_attention = nnx.RMSNorm(hidden, rngs=rngs)
        self.before_perceptron = nnx.RMSNorm(hidden, rngs=rngs)
        self.gate = nnx.Linear(hidden, width, use_bias=False, rngs=rngs)
        self.up = nnx.Linear(hidden, width, use_bias=False, rngs=rngs)
        self.down = nnx.Linear(width, hidden, use_bias=False, rngs=rngs)

    def __call__(self, x):
        x = x + self.attention(self.before_attention(x))
        y = self.before_perceptron(x)
        return x + self.down(jax.nn.silu(self.gate(y)) * self.up(y))


class Llama(nnx.Module):
    """A decoder."""

    def __init__(self, vocabulary, hidden, layers, heads, groups, rngs):
        self.embedding = nnx.Embed(vocabulary, hidden, rngs=rngs)
        self.blocks = nnx.List([Block(hidden, heads, groups, rngs) for _ in range(layers)])
        self.norm = nnx.RMSNorm(hidden, rngs=rngs)
        self.head = nnx.Linear(hidden, vocabulary, use_bias=False, rngs=rngs)

    def __call__(self, tokens):
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def make(vocabulary, hidden, layers, heads, groups, sequence, batch):
    """(create_state, train_step, make_batch) for a model of these sizes; the state is that of nnx.split."""
    def create():
        model = Llama(vocabulary, hidden, layers, heads, groups, nnx.Rngs(0))
        return nnx.split((model, nnx.Optimizer(model, optax.adamw(1e-3), wrt=nnx.Param)))

    graph = nnx.graphdef(nnx.eval_shape(lambda: nnx.merge(*create())))

    def create_state():
        return create()[1]

    def train_step(state, tokens):
        model, optimizer = nnx.merge(graph, state)

        def loss_fn(model):
            logits = model(tokens[:, :-1])
            return optax.softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()
        loss, grads = nnx.value_and_grad(loss_fn)(model)
        optimizer.update(model, grads)
        return nnx.state((model, optimizer)), loss

    def make_batch(generator):
        return generator.integers(0, vocabulary, (batch, sequence + 1)).astype("int32")

    return create_state, train_step, make_batch


if __name__ == "__main__":
    options = parse(__doc__, vocabulary=512, hidden=128, layers=4, heads=4, groups=2, sequence=64, batch=16)
    train(options, *make(options.vocabulary, options.hidden, options.layers, options.heads, options.groups,
                         options.sequence, options.batch))
