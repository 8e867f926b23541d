"""A transformer whose every other perceptron is a mixture of experts with top-2 gating (Lepikhin et al., GShard).

    python moe.py --cluster=host:8
    python moe.py --plan-only --cluster=p3.16xlarge:8 --hidden 1024 --layers 16 --heads 16 --experts 16 \\
                  --vocabulary 32000 --sequence 1024 --batch 64
"""
import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training.train_state import TrainState

from training import parse, train


class Experts(nn.Module):
    """Perceptrons, two of which serve each token, in groups of one sequence, with a limited capacity."""
    experts: int
    hidden: int

    @nn.compact
    def __call__(self, x):
        groups, tokens, model = x.shape
        capacity = 2 * tokens // self.experts
        gates = jax.nn.softmax(nn.Dense(self.experts, use_bias=False)(x))
        weights, choice = jax.lax.top_k(gates, 2)
        weights = weights / weights.sum(-1, keepdims=True)
        chosen = jax.nn.one_hot(choice, self.experts, dtype=jnp.int32)  # group, token, rank, expert
        order = chosen.transpose(0, 2, 1, 3).reshape(groups, 2 * tokens, self.experts)
        place = (jnp.cumsum(order, axis=1) - order).reshape(groups, 2, tokens, self.experts).transpose(0, 2, 1, 3)
        slot = jax.nn.one_hot((place * chosen).sum(-1), capacity)  # too late: a row of zeros
        dispatch = jnp.einsum("gtke,gtkc,gtk->gtec", chosen, slot, weights)
        inputs = jnp.einsum("gtec,gtm->egcm", (dispatch > 0).astype(x.dtype), x)
        initializer = nn.initializers.lecun_normal(batch_axis=0)
        up = self.param("up", initializer, (self.experts, model, self.hidden))
        down = self.param("down", initializer, (self.experts, self.hidden, model))
        outputs = jnp.einsum("egch,ehm->egcm", nn.relu(jnp.einsum("egcm,emh->egch", inputs, up)), down)
        balance = jnp.mean(chosen[:, :, 0].mean(1) * gates.mean(1)) * self.experts**2
        return jnp.einsum("gtec,egcm->gtm", dispatch, outputs), balance


class Transformer(nn.Module):
    """A decoder; odd layers have experts."""
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    experts: int

    @nn.compact
    def __call__(self, tokens):
        embedding = nn.Embed(self.vocabulary, self.hidden)
        x, balance, mask = embedding(tokens), 0.0, nn.make_causal_mask(tokens)
        for layer in range(self.layers):
            x = x + nn.MultiHeadDotProductAttention(self.heads)(nn.LayerNorm()(x), mask=mask)
            y = nn.LayerNorm()(x)
            if layer % 2:
                y, extra = Experts(self.experts, 4 * self.hidden)(y)
                balance = balance + extra
            else:
                y = nn.Dense(self.hidden)(nn.relu(nn.Dense(4 * self.hidden)(y)))
            x = x + y
        return embedding.attend(nn.LayerNorm()(x)), balance


def make(vocabulary, hidden, layers, heads, experts, sequence, batch):
    """(create_state, train_step, make_batch) for a model of these sizes."""
    model = Transformer(vocabulary, hidden, layers, heads, experts)

    def create_state():
        params = model.init(jax.random.key(0), jnp.zeros((batch, sequence), jnp.int32))["params"]
        return TrainState.create(apply_fn=model.apply, params=params, tx=optax.adam(1e-3))

    def train_step(state, tokens):
        def loss_fn(params):
            logits, balance = state.apply_fn({"params": params}, tokens[:, :-1])
            loss = optax.softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()
            return loss + 0.01 * balance
        loss, grads = jax.value_and_grad(loss_fn)(state.params)
        return state.apply_gradients(grads=grads), loss

    def make_batch(generator):
        return generator.integers(0, vocabulary, (batch, sequence + 1)).astype("int32")

    return create_state, train_step, make_batch


if __name__ == "__main__":
    options = parse(__doc__, vocabulary=512, hidden=64, layers=4, heads=4, experts=8, sequence=64, batch=16)
    train(options, *make(options.vocabulary, options.hidden, options.layers, options.heads, options.experts,
                         options.sequence, options.batch))
