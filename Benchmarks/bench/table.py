"""Tables for a terminal and for Markdown, and floors."""

from dataclasses import dataclass, field


@dataclass
class Table:
    title: str
    head: list
    rows: list = field(default_factory=list)
    note: str = ""

    def add(self, *cells):
        self.rows.append([str(cell) for cell in cells])

    def text(self):
        lines = [[str(cell) for cell in self.head], *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        out = [self.title]
        for line in lines:
            cells = [line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:])]
            out.append("   " + "   ".join(cells).rstrip())
        if self.note:
            out.append("   " + self.note)
        return "\n".join(out)

    def markdown(self):
        out = ["| " + " | ".join([self.title, *map(str, self.head[1:])]) + " |", "|" + "---|" * len(self.head)]
        out += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(out + ([f"\n{self.note}"] if self.note else []))


def span(figures, digits=0):
    """Median, lowest and highest of a summary."""
    if figures["repetitions"] == 1:
        return f"{figures['median']:.{digits}f}"
    return f"{figures['median']:.{digits}f} ({figures['min']:.{digits}f}–{figures['max']:.{digits}f})"


def at_least(floor, value, bound):
    return {"floor": floor, "at_least": bound, "is": value, "kept": value is not None and value >= bound}


def at_most(floor, value, bound):
    return {"floor": floor, "at_most": bound, "is": value, "kept": value is not None and value <= bound}


def floors_table(floors):
    table = Table("Floors", ["what", "is", "bound", ""])
    for floor in floors:
        bound = f"at least {floor['at_least']}" if "at_least" in floor else f"at most {floor['at_most']}"
        table.add(floor["floor"], floor["is"], bound, "kept" if floor["kept"] else "MISSED")
    return table
