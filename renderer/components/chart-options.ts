import type uPlot from 'uplot';
import { paint } from './paint.ts';
import type { ChartProps } from './chart.tsx';

export type ChartColour = 'cpu' | 'memory' | 'sent' | 'received';

/** A finding on the time axis. */
export interface ChartMarker {
  /** Seconds since 1970. */
  readonly at: number;
  readonly tone: 'critical' | 'high' | 'medium' | 'low' | 'info';
}

const labelFont = '11px system-ui, sans-serif';

/** Half of the widest label of time, so that the last one is not cut off. */
const rightPadding = 27;

/** Room for the labels of values, at least and at most. */
const valueRoom = { least: 62, most: 120, beside: 6 };

/** The least height of the learned band, in CSS pixels. */
const leastBand = 3;

/** How uPlot draws a chart; `current` gives what is to be drawn now. Sizes in CSS pixels. */
export function chartOptions(
  current: () => ChartProps,
  onCursor: (index: number | undefined) => void,
  width: number,
  height: number,
): uPlot.Options {
  const axis = {
    stroke: () => paint('--text-faint'),
    font: labelFont,
    grid: { stroke: () => paint('--chart-grid'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    padding: [8, rightPadding, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6 },
      sync: { key: 'charts', setSeries: false },
    },
    scales: {
      x: { time: true },
      y: { range: (_plot, _low, high) => [0, topOf(current(), high)] },
    },
    axes: [
      {
        ...axis,
        size: 22,
        space: 58,
        incrs: timeSteps,
        values: (_plot, splits, _axis, _space, step) => splits.map((at) => timeLabel(at, step)),
      },
      {
        ...axis,
        size: ({ ctx }, labels) => roomFor(ctx, labels),
        space: 26,
        values: (_plot, splits) => splits.map((value) => current().format(value)),
      },
    ],
    series: [
      {},
      ...current().lines.map(({ label, colour }) => ({
        label,
        stroke: () => paint(`--chart-${colour}`),
        width: 1.5,
        spanGaps: false,
        points: { show: false },
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawBand(plot, current())],
      drawAxes: [(plot) => drawBandEdge(plot, current())],
      draw: [(plot) => drawMarkers(plot, current())],
      setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)],
    },
  };
}

/** How wide the labels of values are, in CSS pixels; they come with their unit. */
function roomFor(ctx: CanvasRenderingContext2D, labels: readonly string[] | null): number {
  ctx.save();
  ctx.font = labelFont;
  const widths = (labels ?? []).map((label) => Math.ceil(ctx.measureText(label).width));
  ctx.restore();
  const { least, most, beside } = valueRoom;
  return Math.min(most, Math.max(least, ...widths.map((width) => width + beside)));
}

/** Steps of the time axis, in seconds: parts of a minute, an hour, a day; then days. */
const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
  172_800, 604_800,
];

/** A moment on the axis, as exactly as its step asks for; both in seconds. */
function timeLabel(at: number, step: number): string {
  const date = new Date(at * 1000);
  if (step >= 86_400) {
    return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
  }
  return date.toTimeString().slice(0, step < 60 ? 8 : 5);
}

function topOf({ floor, learned }: ChartProps, high: number | null): number {
  return Math.max(floor, high ?? 0, learned?.high ?? 0) * 1.08;
}

/** Where the band is drawn, in pixels of the canvas; undefined where nothing is learned. */
function bandOf(plot: uPlot, { learned }: ChartProps) {
  if (learned === undefined) return undefined;
  const bottom = plot.valToPos(Math.max(0, learned.low), 'y', true);
  const top = plot.valToPos(learned.high, 'y', true);
  // One that is hardly anything on this scale is still seen to be there.
  const least = leastBand * window.devicePixelRatio;
  return { top: Math.min(top, bottom - least), bottom };
}

function drawBand(plot: uPlot, current: ChartProps): void {
  const band = bandOf(plot, current);
  if (band === undefined) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = paint('--chart-band');
  ctx.fillRect(bbox.left, band.top, bbox.width, band.bottom - band.top);
  ctx.restore();
}

/** The upper edge of the band, above the grid and below the lines: a narrow band is little else. */
function drawBandEdge(plot: uPlot, current: ChartProps): void {
  const band = bandOf(plot, current);
  if (band === undefined) return;
  const { ctx, bbox } = plot;
  const thickness = Math.round(window.devicePixelRatio);
  ctx.save();
  ctx.fillStyle = paint('--chart-band-edge');
  ctx.fillRect(bbox.left, Math.round(band.top), bbox.width, thickness);
  ctx.restore();
}

function drawMarkers(plot: uPlot, { markers, from, to }: ChartProps): void {
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio;
  ctx.save();
  for (const { at, tone } of markers) {
    if (at < from || at > to) continue;
    const x = Math.round(plot.valToPos(at, 'x', true));
    ctx.strokeStyle = paint(`--${tone}`);
    ctx.fillStyle = paint(`--${tone}`);
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 4 * ratio, bbox.top);
    ctx.lineTo(x + 4 * ratio, bbox.top);
    ctx.lineTo(x, bbox.top + 6 * ratio);
    ctx.fill();
  }
  ctx.restore();
}
