import { shape } from './dom.js';
import { score } from './format.js';

const margin = { top: 16, right: 84, bottom: 10, left: 78 };
const bins = 24;

// In spreads of good parts around the threshold: beyond it a part is as far off as can be, and one such part must not flatten all others.
const reach = 15;

/** The range to show: the scores, as far as they are near the threshold, with some air around. */
export function scoreRange(results, { threshold, scale }) {
  const near = (score) => Math.max(threshold - reach * scale, Math.min(threshold + reach * scale, score));
  const values = [threshold, ...results.map((result) => near(result.score))];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = Math.max(0.08 * (high - low), scale);
  return [low - air, high + air];
}

/** Draws recent scores, oldest at the left, with their distribution at the right. */
export function drawTrend(host, { results, model, whatIf, selected, onSelect }) {
  const { clientWidth: width, clientHeight: height } = host;
  if (width === 0) return;
  const [low, high] = scoreRange(results, model);
  const { threshold } = model;
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const x = (index) => margin.left + (results.length === 1 ? inner.width / 2 : (index / Math.max(1, results.length - 1)) * inner.width);
  // A score beyond the range is drawn at its edge; above it, with an arrow.
  const share = (value) => Math.max(0, Math.min(1, (value - low) / (high - low)));
  const y = (value) => margin.top + (1 - share(value)) * inner.height;
  const edge = whatIf ?? threshold;

  const bad = results.filter((result) => result.score > edge).length;
  const svg = shape('svg', { role: 'img', viewBox: `0 0 ${width} ${height}`, 'aria-label': `Scores of ${results.length} recent parts, ${bad} above the threshold of ${score(edge)}` });
  svg.append(shape('rect', { class: 'above', x: margin.left, y: margin.top, width: inner.width, height: Math.max(0, y(edge) - margin.top) }));
  for (let step = 0; step <= 4; step++) {
    const value = low + (step / 4) * (high - low);
    svg.append(shape('line', { class: 'grid', x1: margin.left, x2: margin.left + inner.width, y1: y(value), y2: y(value) }));
    svg.append(shape('text', { class: 'label', x: margin.left - 8, y: y(value) + 4, 'text-anchor': 'end' }, value.toFixed(Math.min(9, Math.max(2, Math.ceil(-Math.log10(high - low)) + 1)))));
  }

  if (results.length === 0) svg.append(shape('text', { class: 'label', x: margin.left + inner.width / 2, y: margin.top + inner.height - 12, 'text-anchor': 'middle' }, 'No parts yet that this model has scored'));

  const line = (at, name) => svg.append(shape('line', { class: `threshold ${name}`, x1: margin.left, x2: width - 4, y1: y(at), y2: y(at) }));
  if (whatIf !== null) line(threshold, 'model');
  line(edge, '');

  const counts = new Array(bins).fill(0);
  for (const result of results) counts[Math.min(bins - 1, Math.floor(share(result.score) * bins))]++;
  const most = Math.max(1, ...counts);
  counts.forEach((count, bin) => {
    if (count === 0) return;
    const from = low + (bin / bins) * (high - low);
    const middle = from + (0.5 / bins) * (high - low);
    svg.append(shape('rect', {
      class: `histogram ${middle > edge ? 'bad' : 'good'}`, x: margin.left + inner.width + 10, width: (count / most) * (margin.right - 16),
      y: y(from + (high - low) / bins) + 1, height: Math.max(1, inner.height / bins - 2), rx: 2,
    }));
  });

  results.forEach((result, index) => {
    const isBad = result.score > edge;
    const changed = whatIf !== null && isBad !== result.isAnomalous ? ' changed' : '';
    const chosen = result.id === selected ? ' selected' : '';
    const size = result.id === selected ? 6 : 4;
    const [cx, cy] = [x(index), y(result.score)];
    const mark = isBad
      ? shape('rect', { x: cx - size, y: cy - size, width: 2 * size, height: 2 * size, rx: 1, transform: `rotate(45 ${cx} ${cy})`, class: `bad hit${changed}${chosen}` })
      : shape('circle', { cx, cy, r: size, class: `good hit${changed}${chosen}` });
    const above = result.score > high;
    if (above) svg.append(shape('path', { class: 'beyond', d: `M${cx - 4} ${cy - 9}l4 -4 4 4` }));
    mark.append(shape('title', {}, `${result.name}: ${score(result.score)}${above ? ', above the scale' : ''}`));
    mark.addEventListener('click', () => onSelect(result.id));
    svg.append(mark);
  });
  host.replaceChildren(svg);
}
