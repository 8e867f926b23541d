"""Wide-ResNet in flax.linen; its batch statistics are a part of the state that gradients do not change.

    python wide_resnet.py --cluster=host:8
    python wide_resnet.py --plan-only --cluster=p3.16xlarge:8 --channels 320 --blocks 4 --image 224 --classes 1024 \\
                          --batch 256
"""
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax.training import train_state

from training import parse, train


class TrainState(train_state.TrainState):
    """With the running means and variances of the batch norms."""
    batch_stats: Any


class Block(nn.Module):
    """A bottleneck."""
    channels: int
    stride: int

    @nn.compact
    def __call__(self, x, train):
        norm = lambda: nn.BatchNorm(use_running_average=not train, momentum=0.9)  # noqa: E731
        y = nn.relu(norm()(nn.Conv(self.channels, (1, 1), use_bias=False)(x)))
        y = nn.relu(norm()(nn.Conv(self.channels, (3, 3), (self.stride, self.stride), use_bias=False)(y)))
        y = norm()(nn.Conv(4 * self.channels, (1, 1), use_bias=False)(y))
        if y.shape != x.shape:
            x = norm()(nn.Conv(4 * self.channels, (1, 1), (self.stride, self.stride), use_bias=False)(x))
        return nn.relu(x + y)


class WideResNet(nn.Module):
    """Three groups of bottlenecks, each of half the resolution and twice the width."""
    channels: int
    blocks: int
    classes: int

    @nn.compact
    def __call__(self, x, train=True):
        x = nn.Conv(self.channels, (3, 3), use_bias=False)(x)
        x = nn.relu(nn.BatchNorm(use_running_average=not train, momentum=0.9)(x))
        x = nn.max_pool(x, (2, 2), (2, 2))
        for group in range(3):
            for block in range(self.blocks):
                x = Block(self.channels * 2**group, 2 if group and not block else 1)(x, train)
        return nn.Dense(self.classes)(x.mean((1, 2)))


def make(channels, blocks, image, classes, batch):
    """(create_state, train_step, make_batch) for a model of these sizes."""
    model = WideResNet(channels, blocks, classes)

    def create_state():
        variables = model.init(jax.random.key(0), jnp.zeros((batch, image, image, 3)), train=False)
        return TrainState.create(apply_fn=model.apply, params=variables["params"], batch_stats=variables["batch_stats"],
                                 tx=optax.sgd(0.05, momentum=0.9))

    def train_step(state, batch):
        def loss_fn(params):
            variables = {"params": params, "batch_stats": state.batch_stats}
            logits, changed = state.apply_fn(variables, batch["image"], mutable=["batch_stats"])
            loss = optax.softmax_cross_entropy_with_integer_labels(logits, batch["label"]).mean()
            return loss, changed["batch_stats"]
        (loss, stats), grads = jax.value_and_grad(loss_fn, has_aux=True)(state.params)
        return state.apply_gradients(grads=grads, batch_stats=stats), loss

    def make_batch(generator):
        return {"image": generator.normal(size=(batch, image, image, 3)).astype("float32"),
                "label": generator.integers(0, classes, batch).astype("int32")}

    return create_state, train_step, make_batch


if __name__ == "__main__":
    options = parse(__doc__, channels=16, blocks=1, image=16, classes=16, batch=16)
    train(options, *make(options.channels, options.blocks, options.image, options.classes, options.batch))
