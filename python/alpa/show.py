"""Plans for people: as text, and as a page with a drawing of every tensor on the mesh."""
import collections
import colorsys
import dataclasses
import html
import itertools
import json
import os
import re

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def write_bytes(n):
    """1536 as "1.50 KiB"."""
    unit = 0
    while n >= 1024 and unit + 1 < len(_UNITS):
        n, unit = n / 1024, unit + 1
    return f"{n:.0f} B" if unit == 0 else f"{n:.2f} {_UNITS[unit]}"


def write_seconds(s):
    """0.0123 as "12.3 ms"."""
    for limit, factor, unit in ((1e-3, 1e6, "us"), (1.0, 1e3, "ms")):
        if s < limit:
            return f"{s * factor:.3g} {unit}"
    return f"{s:.3g} s"


def _number_devices(mesh):
    """(coordinates by axis name) of every device."""
    names = [name for name, _ in mesh]
    return [dict(zip(names, at)) for at in itertools.product(*(range(size) for _, size in mesh))]


def find_tiles(spec):
    """{tile: devices}: a tile is its number along every dimension."""
    sizes = dict(spec.mesh)
    tiles = collections.OrderedDict()
    for device, at in enumerate(_number_devices(spec.mesh)):
        tile = []
        for axes in spec.dims:
            number = 0
            for axis in axes:
                number = number * sizes[axis] + at[axis]
            tile.append(number)
        tiles.setdefault(tuple(tile), []).append(spec.first_device + device)
    return tiles


def write_ranges(numbers):
    """[0, 1, 2, 5] as "0-2,5"."""
    parts, start, last = [], None, None
    for n in list(numbers) + [None]:
        if start is not None and (n is None or n != last + 1):
            parts.append(str(start) if start == last else f"{start}-{last}")
            start = None
        start, last = (n if start is None else start), n
    return ",".join(parts)


def _colour(index, n):
    parts = colorsys.hls_to_rgb(0.57 + index / max(n, 1), 0.8 - 0.08 * (index % 2), 0.62)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


_STYLE = 'font-family="sans-serif" font-size="10" text-anchor="middle" dominant-baseline="central" fill="#223"'


def draw_tensor(spec, width=132, height=66):
    """An SVG: the tensor cut into tiles, each with the devices that hold it.  Of more than two dimensions those are
    drawn that are split, else the last."""
    split = [d for d, axes in enumerate(spec.dims) if axes]
    rest = [d for d in reversed(range(len(spec.shape))) if d not in split]
    shown = sorted((split + rest)[:2])
    sizes = dict(spec.mesh)
    counts = []
    for d in shown:
        n = 1
        for axis in spec.dims[d]:
            n *= sizes[axis]
        counts.append(n)
    rows, columns = ([1] * (2 - len(counts)) + counts)
    groups = collections.OrderedDict()
    for tile, devices in find_tiles(spec).items():
        place = [tile[d] for d in shown]
        groups.setdefault(tuple([0] * (2 - len(place)) + place), []).extend(devices)
    cell_width, cell_height = width / columns, height / rows
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 2}" height="{height + 2}" '
             f'viewBox="-1 -1 {width + 2} {height + 2}">']
    for (row, column), devices in groups.items():
        colour = "#e8e8ec" if len(groups) == 1 else _colour(row * columns + column, len(groups))
        x, y = column * cell_width, row * cell_height
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell_width:.1f}" height="{cell_height:.1f}" '
                     f'fill="{colour}" stroke="#556" stroke-width="0.6"/>')
        label = write_ranges(sorted(devices))
        if cell_height >= 10 and cell_width >= 6 * len(label):
            parts.append(f'<text x="{x + cell_width / 2:.1f}" y="{y + cell_height / 2:.1f}" {_STYLE}>{label}</text>')
    return "".join(parts) + "</svg>"


def draw_mesh(mesh, first_device=0, cell=30):
    """An SVG: the devices as a grid, with the names of the axes."""
    sizes = [size for _, size in mesh] or [1]
    columns = sizes[-1]
    total = 1
    for size in sizes:
        total *= size
    rows = total // columns
    margin = 44
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * cell + margin + 2}" '
             f'height="{rows * cell + 20}" viewBox="0 0 {columns * cell + margin + 2} {rows * cell + 20}">']
    if mesh:
        parts.append(f'<text x="{margin + columns * cell / 2}" y="9" {_STYLE}>{html.escape(mesh[-1][0])}</text>')
    if len(mesh) > 1:
        names = ",".join(name for name, _ in mesh[:-1])
        parts.append(f'<text x="{margin / 2}" y="{18 + rows * cell / 2}" {_STYLE}>{html.escape(names)}</text>')
    for device in range(total):
        x, y = margin + device % columns * cell, 18 + device // columns * cell
        parts.append(f'<rect x="{x}" y="{y}" width="{cell}" height="{cell}" fill="#f5f5fa" stroke="#556" '
                     f'stroke-width="0.6"/><text x="{x + cell / 2}" y="{y + cell / 2}" {_STYLE}>{first_device + device}</text>')
    return "".join(parts) + "</svg>"


def _fold(name):
    return re.sub(r"\d+", "*", name)


def _write_place(spec, is_pipeline):
    """How a tensor is split, after the devices of its stage."""
    text = spec.text or "-"
    if not is_pipeline:
        return text
    n = 1
    for _, size in spec.mesh:
        n *= size
    is_slice = spec.parts and spec.parts[0].shape != spec.shape
    return f"{write_ranges(range(spec.first_device, spec.first_device + n))}: {text}{' in slices' if is_slice else ''}"


def _split_stages(spec):
    """A spec for every stage that holds the tensor; the slices that one has are one."""
    found = collections.OrderedDict()
    for part in spec.parts or (spec,):
        found.setdefault((part.first_device, part.text), []).append(part)
    return [dataclasses.replace(spec, text=parts[0].text, mesh=parts[0].mesh, first_device=parts[0].first_device,
                                local_shape=parts[0].local_shape, parts=tuple(parts) if spec.parts else ())
            for parts in found.values()]


def _join(specs):
    """[(spec, how many)]: tensors whose names differ in numbers only, and that are split equally, are one row; one that
    several stages hold has a row for each."""
    rows = collections.OrderedDict()
    for spec in itertools.chain.from_iterable(map(_split_stages, specs)):
        rows.setdefault((_fold(spec.name), spec.dtype, spec.shape, spec.text, spec.first_device), []).append(spec)
    return [(found[0], len(found)) for found in rows.values()]


def _join_communication(found):
    """[(kind, axes, bytes, how many, where)]: equal ones are one row, most bytes first."""
    rows = collections.OrderedDict()
    for kind, axes, size, count, where in found:
        key = (kind, axes, size, _fold(where))
        rows[key] = rows.get(key, 0) + count
    return sorted(((kind, axes, size, n, where) for (kind, axes, size, where), n in rows.items()),
                  key=lambda row: -row[2] * row[3])


class PlanView:
    """What `show` returns: `print` writes it as text, a notebook as a page, `save` that page to a file."""

    def __init__(self, executable):
        self.executable = executable
        self.arguments = _join(executable.plan.arguments)
        self.results = _join(executable.plan.results)
        self.communication = _join_communication(executable.costs()["communication"])

    def _summarise(self):
        executable = self.executable
        info, costs, memory = executable.plan.info, executable.costs(), executable.memory()
        rows = [("cluster", f"{info.cluster.decode()}: {info.n_devices} devices; mesh {info.mesh.decode()}")]
        if info.searched:
            gap = 100 * (info.cost_s - info.bound_s) / max(info.bound_s, 1e-12)
            rows.append(("slowest stage" if info.n_stages else "predicted step", write_seconds(info.cost_s)))
            rows.append(("optimal", f"within {gap:.2g} % (bound {write_seconds(info.bound_s)})"))
        if "pipeline" in costs:
            rows.append(("pipeline", f"step {write_seconds(costs['pipeline'])}, {100 * costs['bubble']:.0f} % waiting, "
                         f"{write_bytes(costs['sent_bytes'])} sent between stages"))
        if "measured" in costs:
            rows.append(("measured step", write_seconds(costs["measured"])))
        of_limit = f"; {write_bytes(info.memory_bytes)} predicted of {write_bytes(info.memory_limit_bytes)}" \
            if info.searched else ""
        rows.append(("memory a device", f"state {write_bytes(memory['state'])}, inputs {write_bytes(memory['inputs'])}"
                     + of_limit))
        moved = sum(size * n for _, _, size, n, _ in self.communication)
        calls = sum(n for _, _, _, n, _ in self.communication)
        rows.append(("communication", f"{calls:.0f} collectives of {write_bytes(moved)} a step"))
        return rows

    def __str__(self):
        lines = [self.executable.name] + [f"  {name:<16} {value}" for name, value in self._summarise()]
        lines.append(f"\n  {'':>6} {'argument':<58} {'type':<20} {'sharding':<14} on a device")
        for spec, n in self.arguments:
            kind = "x".join(map(str, spec.shape + (spec.dtype,)))
            name = _fold(spec.name) if n > 1 else spec.name
            place = _write_place(spec, self.executable.plan.is_pipeline)
            lines.append(f"  {n:>5}x {name[-58:]:<58} {kind:<20} {place:<14} "
                         f"{write_bytes(n * spec.local_nbytes)}")
        lines.append(f"\n  {'':>6} {'communication':<28} {'bytes each':>12}  of")
        for kind, axes, size, n, where in self.communication:
            lines.append(f"  {n:>5.0f}x {kind + '(' + axes + ')':<28} {write_bytes(size):>12}  {where}")
        return "\n".join(lines)

    def _write_tensors(self, title, rows):
        lines = [f"<h3>{title}</h3><table><tr><th></th><th>name</th><th>type</th><th>sharding</th>"
                 "<th>on a device</th><th>devices</th></tr>"]
        for spec, n in rows:
            kind = "x".join(map(str, spec.shape + (spec.dtype,)))
            name = html.escape(_fold(spec.name) if n > 1 else spec.name)
            picture = draw_tensor(spec) if spec.shape else ""
            lines.append(f"<tr><td>{n}x</td><td><code>{name}</code></td><td>{kind}</td>"
                         f"<td>{_write_place(spec, self.executable.plan.is_pipeline)}</td>"
                         f"<td>{write_bytes(n * spec.local_nbytes)}</td><td>{picture}</td></tr>")
        return "".join(lines) + "</table>"

    def _write_communication(self):
        most = max((size * n for _, _, size, n, _ in self.communication), default=1)
        lines = ["<h3>communication of a step</h3><table><tr><th></th><th>collective</th><th>bytes each</th><th></th>"
                 "<th>of</th></tr>"]
        for kind, axes, size, n, where in self.communication:
            bar = f'<div style="background:#8ac;height:10px;width:{max(1, 160 * size * n / most):.0f}px"></div>'
            lines.append(f"<tr><td>{n:.0f}x</td><td>{kind}({axes})</td><td>{write_bytes(size)}</td><td>{bar}</td>"
                         f"<td><code>{html.escape(where)}</code></td></tr>")
        return "".join(lines) + "</table>"

    def _draw_meshes(self):
        return " ".join(draw_mesh(stage.mesh, stage.first_device) for stage in self.executable.plan.stages)

    def to_html(self):
        """The page's body."""
        rows = "".join(f"<tr><td>{name}</td><td>{html.escape(value)}</td></tr>" for name, value in self._summarise())
        return ("<style>.alpa td,.alpa th{padding:2px 10px;text-align:left;vertical-align:middle}"
                ".alpa table{border-collapse:collapse;font:13px sans-serif}.alpa tr{border-bottom:1px solid #ddd}"
                ".alpa h2,.alpa h3{font-family:sans-serif}</style>"
                f'<div class="alpa"><h2>{html.escape(self.executable.name)}</h2><table>{rows}</table>'
                f"<p>{self._draw_meshes()}</p>{self._write_tensors('arguments', self.arguments)}"
                f"{self._write_tensors('results', self.results)}{self._write_communication()}</div>")

    _repr_html_ = to_html

    def save(self, path):
        """Writes the page to a file that every browser opens."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<!doctype html><meta charset="utf-8"><title>{html.escape(self.executable.name)}</title>'
                       f"{self.to_html()}\n")


def dump(executable, folder):
    """Writes texts, figures and picture of an executable to a folder."""
    os.makedirs(folder, exist_ok=True)
    for form in ("input", "sharded", "partitioned", "kernels"):
        with open(os.path.join(folder, f"{form}.mlir"), "w", encoding="utf-8") as file:
            file.write(executable.get_text(form))
    executable.get_parallel_plan().save(os.path.join(folder, "plan.mlir"))
    executable.show().save(os.path.join(folder, "plan.html"))
    figures = {"memory": executable.memory(), "costs": executable.costs()}
    with open(os.path.join(folder, "figures.json"), "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=1)
    with open(os.path.join(folder, "placements.txt"), "w", encoding="utf-8") as file:
        for kind in ("arguments", "results"):
            for spec in getattr(executable.plan, kind):
                print(f"{kind[:-1]} {spec!r}", file=file)
