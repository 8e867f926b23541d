"""GPT in flax.linen with dropout, trained by AdamW with clipped gradients.

    python gpt.py --cluster=host:8
    python gpt.py --plan-only --cluster=p3.16xlarge:8 --hidden 1024 --layers 24 --heads 16 --vocabulary 51200 \\
                  --sequence 1024 --batch 64
"""
import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training.train_state import TrainState

from training import parse, train


class Block(nn.Module):
    """Pre-norm attention and perceptron."""
    hidden: int
    heads: int
    dropout: float

    @nn.compact
    def __call__(self, x, mask, train):
        y = nn.LayerNorm()(x)
        y = nn.MultiHeadDotProductAttention(self.heads, dropout_rate=self.dropout, deterministic=not train)(y, mask=mask)
        x = x + nn.Dropout(self.dropout, deterministic=not train)(y)
        y = nn.Dense(4 * self.hidden)(nn.LayerNorm()(x))
        y = nn.Dense(self.hidden)(nn.gelu(y))
        return x + nn.Dropout(self.dropout, deterministic=not train)(y)


class GPT(nn.Module):
    """A decoder whose output embedding is the input embedding."""
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    dropout: float = 0.1

    @nn.compact
    def __call__(self, tokens, train=True):
        embedding = nn.Embed(self.vocabulary, self.hidden)
        x = embedding(tokens) + nn.Embed(tokens.shape[1], self.hidden)(jnp.arange(tokens.shape[1]))
        mask = nn.make_causal_mask(tokens)
        for _ in range(self.layers):
            x = Block(self.hidden, self.heads, self.dropout)(x, mask, train)
        return embedding.attend(nn.LayerNorm()(x))


def make(vocabulary, hidden, layers, heads, sequence, batch):
    """(create_state, train_step, make_batch) for a model of these sizes."""
    model = GPT(vocabulary, hidden, layers, heads)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3))

    def create_state():
        tokens = jnp.zeros((batch, sequence), jnp.int32)
        params = model.init(jax.random.key(0), tokens, train=False)["params"]
        return TrainState.create(apply_fn=model.apply, params=params, tx=optimizer)

    def train_step(state, tokens):
        def loss_fn(params):
            key = jax.random.fold_in(jax.random.key(1), state.step)
            logits = state.apply_fn({"params": params}, tokens[:, :-1], rngs={"dropout": key})
            return optax.softmax_cross_entropy_with_integer_labels(logits, tokens[:, 1:]).mean()
        loss, grads = jax.value_and_grad(loss_fn)(state.params)
        return state.apply_gradients(grads=grads), loss

    def make_batch(generator):
        return generator.integers(0, vocabulary, (batch, sequence + 1)).astype("int32")

    return create_state, train_step, make_batch


if __name__ == "__main__":
    options = parse(__doc__, vocabulary=512, hidden=128, layers=4, heads=4, sequence=64, batch=16)
    train(options, *make(options.vocabulary, options.hidden, options.layers, options.heads, options.sequence,
                         options.batch))
