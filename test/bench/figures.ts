/** What a benchmark finds, the goals, and the table of both. */

/**
 * What we want of a figure: `ours` limits our own value, `ratio` our value divided by the other one. Smaller is better
 * with `atMost`, larger with `atLeast`.
 */
export type Goal =
  | { readonly of: 'ours'; readonly atMost: number }
  | { readonly of: 'ratio'; readonly atMost: number }
  | { readonly of: 'ratio'; readonly atLeast: number };

export interface Figure {
  /** For example `config reads, 32 connections`. */
  readonly name: string;
  /** For example `ms`. */
  readonly unit: string;
  readonly ours: number;
  /** Of the plugin that ours is compared with. */
  readonly other: number;
  readonly goal?: Goal;
  /** What else a reader should know, for example the bare minimum. */
  readonly note?: string;
}

export function isReached(figure: Figure): boolean | undefined {
  const { goal, ours, other } = figure;
  if (goal === undefined) return undefined;
  const value = goal.of === 'ours' ? ours : ours / other;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** The figures in columns, as wide as their longest cell. */
export function renderTable(
  figures: readonly Figure[],
  names: { readonly ours: string; readonly other: string },
): string {
  const rows = [
    ['', names.ours, names.other, 'ratio', 'goal', '', ''],
    ...figures.map((figure) => [
      figure.name,
      `${formatNumber(figure.ours)} ${figure.unit}`,
      `${formatNumber(figure.other)} ${figure.unit}`,
      figure.other === 0 ? '' : `${(figure.ours / figure.other).toFixed(2)}x`,
      describeGoal(figure),
      { true: 'reached', false: 'missed', undefined: '' }[String(isReached(figure)) as 'true'],
      figure.note ?? '',
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column >= 1 && column <= 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function describeGoal({ goal, unit }: Figure): string {
  if (goal === undefined) return '';
  const limit = 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return goal.of === 'ratio' ? `${limit}x` : `${limit} ${unit}`;
}

function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Number.isInteger(value) ? 0 : 1);
}
