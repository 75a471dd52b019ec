import { getJson, ofProduct, setProduct } from './api.js';
import { createDetail } from './detail.js';
import { byId } from './dom.js';
import { isNearEdge, milliseconds, percent, plural, score, setSpread } from './format.js';
import { startIntake } from './intake.js';
import { drawModel } from './model-card.js';
import { createTable } from './table.js';
import { startTheme } from './theme.js';
import { drawTrend, scoreRange } from './trend.js';

const trendLength = 200;
const pageLength = 100;
const pollInterval = 1500;

const state = { results: [], model: null, summary: null, whatIf: null, selected: null, filter: 'all', older: null, products: null, product: null, turn: 0 };
const filters = { all: () => true, anomalous: (result) => result.isAnomalous, edge: isNearEdge };

const drawTable = createTable(select);
const showDetail = createDetail();

/** The newest results, oldest first, of the model in use: scores of different models do not compare. */
const recent = () => state.results.filter((result) => result.model === state.model?.hash).slice(0, trendLength).reverse();

function add(results) {
  const known = new Set(state.results.map((result) => result.id));
  const fresh = results.filter((result) => !known.has(result.id));
  if (fresh.length === 0) return;
  state.results = [...fresh, ...state.results].sort((one, other) => other.id - one.id);
  draw();
}

function select(id) {
  state.selected = id;
  const result = state.results.find((candidate) => candidate.id === id);
  if (result) showDetail(result);
  draw();
  // In one column the part lies below the whole list, out of sight.
  if (result && matchMedia('(max-width: 1080px)').matches) byId('detail').scrollIntoView({ block: 'start' });
}

function drawFigures(results) {
  const anomalous = results.filter((result) => result.isAnomalous).length;
  byId('count').textContent = results.length.toLocaleString();
  byId('count-note').textContent = state.summary ? `${state.summary.scored.toLocaleString()} since the start` : '';
  byId('share').textContent = results.length > 0 ? percent(anomalous / results.length) : '–';
  byId('share-note').textContent = `${anomalous} of ${results.length}`;
  if (!state.summary) return;
  const { latency, drift } = state.summary;
  byId('latency').textContent = state.summary.scored > 0 ? milliseconds(latency.p50) : '–';
  byId('latency-note').textContent = state.summary.scored > 0 ? `95 % within ${milliseconds(latency.p95)}` : '';
  const words = { collecting: ['Collecting', ''], steady: ['Steady', 'good'], watch: ['Watch', 'warn'], drifting: ['Drifting', 'warn'] };
  const [word, tone] = words[drift.status];
  byId('drift').textContent = word;
  byId('drift').className = `figure-value ${tone}`;
  byId('drift-note').textContent = drift.status === 'collecting'
    ? `${drift.recentCount} of ${drift.needed} good parts`
    : `median ${drift.shift >= 0 ? '+' : '−'}${Math.abs(drift.shift).toFixed(2)} spreads, p ${drift.pValue < 0.001 ? '< 0.001' : `= ${drift.pValue.toFixed(3)}`}`;
  const alarm = byId('alarm');
  const isDrifting = drift.status === 'drifting';
  if (alarm.hidden === isDrifting) {
    alarm.hidden = !isDrifting;
    alarm.textContent = isDrifting
      ? `Drift: recent good parts no longer score like ${drift.reference === 'calibration' ? 'the good images of the calibration' : 'the first good parts'}. Check light, camera, lens and material; if the change is meant, train or calibrate again.`
      : '';
  }
}

function drawWhatIf(results) {
  const slider = byId('threshold');
  const threshold = state.model?.threshold;
  if (threshold === undefined) return;
  const [low, high] = scoreRange(results, state.model);
  slider.min = low;
  slider.max = high;
  slider.value = state.whatIf ?? threshold;
  slider.setAttribute('aria-valuetext', score(state.whatIf ?? threshold));
  byId('threshold-value').textContent = score(state.whatIf ?? threshold);
  byId('threshold-reset').disabled = state.whatIf === null;
  if (state.whatIf === null) {
    byId('what-if-effect').textContent = 'Move the slider to see which recent decisions would change. Nothing is changed in the service.';
    return;
  }
  const more = results.filter((result) => !result.isAnomalous && result.score > state.whatIf).length;
  const fewer = results.filter((result) => result.isAnomalous && result.score <= state.whatIf).length;
  const now = results.filter((result) => result.score > state.whatIf).length;
  byId('what-if-effect').textContent = more + fewer === 0
    ? `No decision of the ${plural(results.length, 'recent part', 'recent parts')} would change.`
    : `${plural(more + fewer, 'decision', 'decisions')} of ${results.length} would change: ${more} more anomalous, ${fewer} fewer; ${now} in all.`;
}

function draw() {
  const results = recent();
  drawFigures(results);
  drawWhatIf(results);
  if (state.model) drawTrend(byId('trend'), { results, model: state.model, whatIf: state.whatIf, selected: state.selected, onSelect: select });
  drawTable({ results: state.results.filter(filters[state.filter]), selected: state.selected, whatIf: state.whatIf });
  byId('older').hidden = state.older === null;
}

function setConnection(isOnline, text) {
  const pill = byId('connection');
  if (pill.textContent === text) return;
  pill.textContent = text;
  pill.className = `pill ${isOnline ? 'ok' : 'off'}`;
}

/** Where there are several products, one of them is looked at. */
async function findProducts() {
  state.products = (await getJson('/v1/products')).products;
  const list = byId('product');
  list.hidden = state.products.length === 0;
  if (state.products.length === 0) return;
  list.replaceChildren(...state.products.map((name) => new Option(name, name)));
  const asked = new URLSearchParams(location.search).get('product');
  list.value = state.products.includes(asked) ? asked : state.products[0];
  look(list.value);
}

function look(product) {
  state.product = product;
  setProduct(product);
}

function changeProduct(name) {
  look(name);
  history.replaceState(null, '', `?product=${encodeURIComponent(name)}`);
  Object.assign(state, { results: [], model: null, summary: null, whatIf: null, selected: null, older: null, turn: state.turn + 1 });
  showDetail(null);
  draw();
  refresh().catch(() => setConnection(false, 'No connection'));
}

async function refresh() {
  if (state.products === null) await findProducts();
  const { turn } = state;
  const after = state.results[0]?.id;
  const [page, summary] = await Promise.all([
    getJson(ofProduct(after === undefined ? `/v1/results?limit=${trendLength}` : `/v1/results?limit=1000&after=${after}`)),
    getJson(ofProduct('/v1/summary')),
  ]);
  // Another product was chosen meanwhile: this is no longer what is looked at.
  if (turn !== state.turn) return;
  const isNewModel = summary.model !== state.model?.hash;
  if (isNewModel) {
    const model = await getJson(ofProduct('/v1/model'));
    if (turn !== state.turn) return;
    state.model = model;
    state.whatIf = null;
    setSpread(state.model.scale);
    drawModel(state.model);
    byId('station').textContent = state.model.name;
  }
  if (after === undefined) state.older = page.next;
  else if (page.results.length > 0) byId('announcer').textContent = `${plural(page.results.length, 'new result', 'new results')}, ${page.results.filter((result) => result.isAnomalous).length} anomalous`;
  state.summary = summary;
  setConnection(true, 'Ready');
  if (page.results.length > 0) add(page.results);
  else draw();
}

async function poll() {
  try {
    if (!document.hidden) await refresh();
  } catch (problem) {
    setConnection(false, problem.status === 503 ? 'Not ready' : 'No connection');
  }
  setTimeout(poll, pollInterval);
}

startTheme(byId('theme'));
byId('product').addEventListener('change', (event) => changeProduct(event.target.value));
// What was sent before another product was chosen belongs to the former one.
startIntake((all) => { const results = all.filter((result) => (result.product ?? null) === state.product); add(results); if (results.length > 0) select(results[results.length - 1].id); });
byId('threshold').addEventListener('input', (event) => { state.whatIf = Number(event.target.value); draw(); });
byId('threshold-reset').addEventListener('click', () => { state.whatIf = null; draw(); byId('threshold').focus(); });
byId('older').addEventListener('click', async () => {
  if (state.older === null) return;
  const page = await getJson(ofProduct(`/v1/results?limit=${pageLength}&before=${state.older}`));
  state.older = page.next;
  add(page.results);
  draw();
});
for (const button of document.querySelectorAll('[data-filter]')) {
  button.addEventListener('click', () => {
    state.filter = button.dataset.filter;
    for (const other of document.querySelectorAll('[data-filter]')) other.setAttribute('aria-pressed', String(other === button));
    draw();
  });
}
new ResizeObserver(draw).observe(byId('trend'));
poll();
