import { paint } from './paint.ts';

export type SparklineColour = 'cpu' | 'memory' | 'sent' | 'received';

const width = 72;
const height = 18;

/** Draws the values over the canvas's whole width, at the screen's own resolution. */
export function drawSparkline(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  floor: number,
  colour: SparklineColour,
): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = window.devicePixelRatio;
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting the size clears the canvas; it is costly, so only when it changes.
  if (canvas.width !== pixelWidth) canvas.width = pixelWidth;
  if (canvas.height !== pixelHeight) canvas.height = pixelHeight;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);

  let top = floor;
  for (const value of values) if (value > top) top = value;
  const step = width / (values.length - 1);
  const y = (value: number) => height - 1.5 - (value / top) * (height - 3);

  context.strokeStyle = paint(`--chart-${colour}`);
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  let drawing = false;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) {
      drawing = false;
    } else if (drawing) {
      context.lineTo(index * step, y(value));
    } else {
      context.moveTo(index * step, y(value));
      drawing = true;
    }
  }
  context.stroke();
}
