"""Small train steps."""
import jax
import jax.numpy as jnp
import numpy as np
import optax


def make_mlp(optimizer=None, batch=16, width=32):
    """(create_state, train_step, make_batch) of a perceptron; without an optimizer, plain gradient descent."""
    def create_state():
        keys = jax.random.split(jax.random.key(0), 2)
        params = {"in": {"w": 0.1 * jax.random.normal(keys[0], (16, width)), "b": jnp.zeros(width)},
                  "out": {"w": 0.1 * jax.random.normal(keys[1], (width, 8)), "b": jnp.zeros(8)}}
        return params, optimizer.init(params) if optimizer else None

    def loss_fn(params, x, y):
        h = jnp.tanh(x @ params["in"]["w"] + params["in"]["b"])
        return jnp.mean((h @ params["out"]["w"] + params["out"]["b"] - y) ** 2)

    def train_step(state, data):
        params, inner = state
        loss, grads = jax.value_and_grad(loss_fn)(params, data["x"], data["y"])
        if optimizer is None:
            return (jax.tree.map(lambda p, g: p - 0.1 * g, params, grads), None), loss
        updates, inner = optimizer.update(grads, inner, params)
        return (optax.apply_updates(params, updates), inner), loss

    def make_batch(generator):
        x = generator.normal(size=(batch, 16)).astype(np.float32)
        return {"x": x, "y": np.sin(x[:, :8]).astype(np.float32)}

    return create_state, train_step, make_batch


def get_losses(step, create_state, make_batch, steps=10):
    """The losses of some steps."""
    state, losses = jax.jit(create_state)(), []
    for i in range(steps):
        state, loss = step(state, make_batch(np.random.default_rng(i)))
        losses.append(float(loss))
    return np.array(losses)
