import { pictureUrl } from './api.js';
import { byId, element } from './dom.js';
import { isNearEdge, score, time } from './format.js';

export function badge(isAnomalous) {
  return isAnomalous ? element('span', { className: 'badge bad' }, '▲ Anomalous') : element('span', { className: 'badge good' }, '✓ Good');
}

function thumbnail(result) {
  const image = element('img', { className: 'thumb', alt: '', loading: 'lazy', width: 44, height: 44 });
  image.addEventListener('error', () => { image.removeAttribute('src'); });
  pictureUrl(`/v1/results/${result.id}/thumbnail`).then((url) => { image.src = url; }, () => {});
  return image;
}

function meter(result) {
  const fill = element('i', { className: result.isAnomalous ? 'bad' : '' });
  fill.style.width = `${100 * result.calibrated}%`;
  return element('span', { className: 'meter', title: `Calibrated ${result.calibrated.toFixed(3)}; 0.5 is the threshold` }, fill);
}

function createRow(result, isFresh, onSelect) {
  const row = element('tr', { tabIndex: -1, 'data-id': result.id, 'aria-selected': 'false', className: isFresh ? 'fresh' : '' });
  const decision = element('td', {}, badge(result.isAnomalous));
  if (isNearEdge(result)) decision.append(element('span', { className: 'badge edge', title: 'A small change of the image could turn the decision' }, '◆ Edge'));
  row.append(
    element('td', {}, thumbnail(result)),
    element('td', {}, element('div', { className: 'part-name', title: result.name }, result.name), element('div', { className: 'part-note' }, `#${result.id} · ${result.source}`)),
    decision,
    element('td', {}, element('div', { className: 'score' }, element('span', {}, score(result.score)), meter(result))),
    element('td', { className: 'end' }, result.robustMargin == null ? '–' : `${result.robustMargin.toFixed(1)} ×`),
    element('td', { className: 'end' }, element('time', { dateTime: result.scoredAt }, time(result.scoredAt))));
  row.addEventListener('click', () => onSelect(result.id));
  return row;
}

/** The list of results. Rows are made once and kept, so that pictures do not flicker when new parts arrive. */
export function createTable(onSelect) {
  const body = byId('rows');
  const rows = new Map();
  let isFirst = true;

  body.addEventListener('keydown', (event) => {
    const row = event.target.closest('tr');
    const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling, Home: body.firstElementChild, End: body.lastElementChild }[event.key];
    if (event.key === 'Enter' || event.key === ' ') onSelect(Number(row.dataset.id));
    else if (next) { next.focus(); onSelect(Number(next.dataset.id)); }
    else return;
    event.preventDefault();
  });

  return function draw({ results, selected, whatIf }) {
    const shown = results.map((result) => {
      let row = rows.get(result.id);
      if (!row) rows.set(result.id, row = createRow(result, !isFirst, onSelect));
      row.setAttribute('aria-selected', String(result.id === selected));
      row.tabIndex = -1;
      row.querySelector('.would')?.remove();
      if (whatIf !== null && result.score > whatIf !== result.isAnomalous) {
        row.cells[2].append(element('span', { className: 'would' }, result.isAnomalous ? 'would be good' : 'would be anomalous'));
      }
      return row;
    });
    // One row is in the tab order: the chosen one, or the first.
    const entry = rows.get(selected) ?? shown[0];
    if (entry) entry.tabIndex = 0;
    const focused = document.activeElement;
    if (shown.length !== body.children.length || shown.some((row, index) => row !== body.children[index])) {
      body.replaceChildren(...shown);
      if (body.contains(focused)) focused.focus({ preventScroll: true });
    }
    if (results.length > 0) isFirst = false;
    byId('empty').hidden = results.length > 0;
  };
}
