"""A perceptron that is trained on all cores of this machine.

    python quickstart.py
    python quickstart.py --plan-only --cluster=p3.16xlarge:8 --hidden 8192 --batch 65536
"""
import jax
import jax.numpy as jnp
import numpy as np

from training import parse, train


def make(hidden, batch):
    """(create_state, train_step, make_batch) for a model of these sizes."""
    def create_state():
        keys = jax.random.split(jax.random.key(0), 2)
        return {"w1": 0.1 * jax.random.normal(keys[0], (64, hidden)), "b1": jnp.zeros(hidden),
                "w2": 0.1 * jax.random.normal(keys[1], (hidden, 8)), "b2": jnp.zeros(8)}

    def train_step(params, data):
        def loss_fn(params):
            h = jax.nn.relu(data["x"] @ params["w1"] + params["b1"])
            return jnp.mean((h @ params["w2"] + params["b2"] - data["y"]) ** 2)
        loss, grads = jax.value_and_grad(loss_fn)(params)
        return jax.tree.map(lambda p, g: p - 0.05 * g, params, grads), loss

    def make_batch(generator):
        x = generator.normal(size=(batch, 64)).astype(np.float32)
        return {"x": x, "y": np.sin(x[:, :8])}

    return create_state, train_step, make_batch


if __name__ == "__main__":
    options = parse(__doc__, hidden=256, batch=128)
    train(options, *make(options.hidden, options.batch))
